#ifndef BWI_OS_FILE_RELOAD_H
#define BWI_OS_FILE_RELOAD_H

#include <stdbool.h>
#include <stddef.h>

#include <bwcallback/error.h>

/*
 * What a file holds, read again when the file changes. A thread of its own
 * reads it beside what is in use, and it takes that's place when it is whole:
 * nobody waits for it. From when it is known that the file cannot be used
 * until it can, there is nothing, since what was right may be wrong by now.
 */
struct bwi_file_reload;

/* What was read at one time, for as long as somebody holds it. */
struct bwi_snapshot;

/* How a file is read, and what was read forgotten. */
struct bwi_file_reload_kind {
	/* Takes text over (terminated, from bwi_alloc), whatever happens. */
	enum bw_err (*parse)(void **out, const char *file, char *text, size_t n,
	    unsigned arg, struct bw_error *) BW_CHECK;
	void (*free)(void *);
	size_t max; /* bytes of a file */
};

/*
 * The file is read now, and must be in order. kind lives on; arg goes to
 * parse. Errors are those of watch.h and of parse.
 */
enum bw_err bwi_file_reload_open(struct bwi_file_reload **, const char *file,
    const struct bwi_file_reload_kind *, unsigned arg,
    struct bw_error *) BW_CHECK;
void bwi_file_reload_free(struct bwi_file_reload *);

/* Why a changed file was not taken, as bw_config_take_warning says. */
bool bwi_file_reload_take_warning(struct bwi_file_reload *, struct bw_error *);

/*
 * Hold what there is now. The error is why there is nothing: never one that
 * blames the request.
 */
enum bw_err bwi_file_reload_take(struct bwi_file_reload *,
    struct bwi_snapshot **, struct bw_error *) BW_CHECK;
/* What parse gave. */
const void *bwi_snapshot_content(const struct bwi_snapshot *);
/* NULL is fine. */
void bwi_snapshot_give_back(struct bwi_snapshot *);

#endif
