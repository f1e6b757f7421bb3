#ifndef BWC_CHECK_WORDS_H
#define BWC_CHECK_WORDS_H

#include <bwcallback/buf.h>
#include <bwcallback/error.h>

/* Number of words of a directive that are stored; further ones are ignored. */
#define WORDS_MAX 4

/* The words of one directive in a configuration file of a web server. */
struct words {
	struct bw_buf v[WORDS_MAX];
	size_t n;
	const char *file; /* for messages */
	struct bw_error *error;
};

/* BW_ERR_CONFIG: the text of the file is empty or contains a NUL. */
enum bw_err words_init(struct words *, const char *file, struct bw_str text,
    struct bw_error *) BW_CHECK;
void words_free(struct words *);

/* Begin a new directive. */
void words_reset(struct words *);
/* Append a character to the word that is being read. */
void words_add(struct words *, char c);
/* End this word. BW_ERR_NOMEM. */
enum bw_err words_end(struct words *) BW_CHECK;
/* The i-th word; "" if there are fewer. */
const char *words_get(const struct words *, size_t i);

#endif
