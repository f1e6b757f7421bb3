#ifndef BWI_AUTH_HTPASSWD_H
#define BWI_AUTH_HTPASSWD_H

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/* Lines of one file, and of one user: each costs a wrong password one hash. */
#define BWI_HTPASSWD_MAX_LINES	  16384
#define BWI_HTPASSWD_MAX_PER_USER 8

/* A password file as it was read. Not changed afterwards. */
struct bwi_htpasswd;

struct bwi_htpasswd_line {
	struct bw_str user;
	const char *hash; /* terminated, as crypt(5) has it */
	uint64_t mark;	  /* of user and hash */
};

/*
 * Takes text (terminated) over, whatever comes of it. Empty lines, lines that
 * begin with '#', CRLF and a byte-order mark are passed over.
 *
 * BW_ERR_SYNTAX: file:line and what to do about a line that is not user:hash,
 * or whose hash is not bcrypt, SHA-256, SHA-512, yescrypt or scrypt.
 * BW_ERR_CONFIG: no user in it. BW_ERR_LIMIT, _NOMEM.
 */
enum bw_err bwi_htpasswd_parse_take(struct bwi_htpasswd **, const char *file,
    char *text, size_t n, struct bw_error *) BW_CHECK;
/* Counted: one reference comes from parsing. */
void bwi_htpasswd_ref(struct bwi_htpasswd *);
void bwi_htpasswd_unref(struct bwi_htpasswd *);

bool bwi_htpasswd_has(const struct bwi_htpasswd *, uint64_t mark);

/* The lines of a user, how many, and the first. */
size_t bwi_htpasswd_lines(const struct bwi_htpasswd *, struct bw_str user,
    const struct bwi_htpasswd_line **);

/*
 * BW_OK and the line that fits, BW_ERR_REJECTED or BW_ERR_NOMEM. Being wrong
 * takes as many hashes whoever the user is, also for one that is not there.
 */
enum bw_err bwi_htpasswd_verify(const struct bwi_htpasswd *, struct bw_str user,
    struct bw_str password, const struct bwi_htpasswd_line **,
    struct bw_error *) BW_CHECK;

/* Why a hash cannot be used, "a plain password"; NULL when it can. */
const char *bwi_htpasswd_fault(const char *hash);

/*
 * Step through the lines of a text: *at starts as 0 and becomes the start of
 * the line after this one, which comes without its end; false at the end. A
 * byte-order mark in front belongs to no line.
 */
bool bwi_htpasswd_next(struct bw_str text, size_t *at, struct bw_str *line);
/* The user of a line; p NULL for a comment, an empty one or one without ':'. */
struct bw_str bwi_htpasswd_user(struct bw_str line);

#endif
