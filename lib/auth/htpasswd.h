#ifndef BWI_AUTH_HTPASSWD_H
#define BWI_AUTH_HTPASSWD_H

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * Lines of a file, and lines of a user: a wrong password costs one hash for
 * each line of the user.
 */
#define BWI_HTPASSWD_MAX_LINES	  16384
#define BWI_HTPASSWD_MAX_PER_USER 8

/*
 * Maximum number of different costs (method and rounds) in a file. A wrong
 * password is hashed once with each of them.
 */
#define BWI_HTPASSWD_MAX_COSTS 8

/* A parsed password file. Immutable. */
struct bwi_htpasswd;

struct bwi_htpasswd_line {
	struct bw_str user;
	const char *hash; /* NUL-terminated, in crypt(5) format */
	uint64_t mark;	  /* hash value of the line */
	unsigned cost;	  /* index of the hash's cost in the file */
};

/*
 * Takes ownership of text (NUL-terminated), also when it fails. Empty lines,
 * lines that begin with '#', CRLF and a byte-order mark are accepted.
 *
 * BW_ERR_SYNTAX: file:line and what to do about a line that is not user:hash,
 * or whose hash is not bcrypt, SHA-256, SHA-512, yescrypt or scrypt.
 * BW_ERR_CONFIG: no user. BW_ERR_LIMIT, _NOMEM.
 */
enum bw_err bwi_htpasswd_parse_take(struct bwi_htpasswd **, const char *file,
    char *text, size_t n, struct bw_error *) BW_CHECK;
/* Reference counting; parsing returns the first reference. */
void bwi_htpasswd_ref(struct bwi_htpasswd *);
void bwi_htpasswd_unref(struct bwi_htpasswd *);

bool bwi_htpasswd_has(const struct bwi_htpasswd *, uint64_t mark);

/* Sets the first line of a user and returns the number of lines. */
size_t bwi_htpasswd_lines(const struct bwi_htpasswd *, struct bw_str user,
    const struct bwi_htpasswd_line **);

/*
 * BW_OK and the matching line, BW_ERR_REJECTED or BW_ERR_NOMEM. A rejection
 * takes the same number of hashes of each cost for every user, also for an
 * unknown one: its time does not tell which users exist.
 */
enum bw_err bwi_htpasswd_verify(const struct bwi_htpasswd *, struct bw_str user,
    struct bw_str password, const struct bwi_htpasswd_line **,
    struct bw_error *) BW_CHECK;

/* Why a hash cannot be used, such as "a plain password"; NULL when it can. */
const char *bwi_htpasswd_hash_fault(const char *hash);

/*
 * Iterate over the lines of a text. *at starts as 0 and is set to the start of
 * the next line; the line comes without its line end. False at the end. A
 * byte-order mark at the start is skipped.
 */
bool bwi_htpasswd_next(struct bw_str text, size_t *at, struct bw_str *line);
/*
 * The user of a line; p is NULL for a comment, an empty line or one without
 * ':'.
 */
struct bw_str bwi_htpasswd_user(struct bw_str line);

#endif
