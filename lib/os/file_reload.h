#ifndef BWI_OS_FILE_RELOAD_H
#define BWI_OS_FILE_RELOAD_H

#include <stdbool.h>
#include <stddef.h>

#include <bwcallback/error.h>

/*
 * The parsed content of a file, parsed again when the file changes. A thread of
 * the library's own parses the new version while requests use the old one; the
 * new version replaces the old one once it is fully parsed, so no request waits
 * for it. While the file is invalid, lookups fail rather than use stale data.
 */
struct bwi_file_reload;

/* One parsed version of the file, reference-counted. */
struct bwi_snapshot;

/* How a file is parsed, and the result freed. */
struct bwi_file_reload_kind {
	/*
	 * Takes ownership of text (NUL-terminated, from bwi_alloc), also when
	 * it fails.
	 */
	enum bw_err (*parse)(void **out, const char *file, char *text, size_t n,
	    unsigned arg, struct bw_error *) BW_CHECK;
	void (*free)(void *);
	size_t max; /* largest file, in bytes */
};

/*
 * Read and parse the file now; it must be valid. kind must outlive the object;
 * arg is passed to parse. Errors are those of bwi_file_watch_read() and of
 * parse.
 */
enum bw_err bwi_file_reload_open(struct bwi_file_reload **, const char *file,
    const struct bwi_file_reload_kind *, unsigned arg,
    struct bw_error *) BW_CHECK;
void bwi_file_reload_free(struct bwi_file_reload *);

/*
 * Take the warning why a changed file is not in use, as
 * bw_config_take_warning() does.
 */
bool bwi_file_reload_take_warning(struct bwi_file_reload *, struct bw_error *);

/*
 * Acquire the current version. The error says why there is none; its code never
 * has a 4xx status, which would blame the request.
 */
enum bw_err bwi_file_reload_acquire(struct bwi_file_reload *,
    struct bwi_snapshot **, struct bw_error *) BW_CHECK;
/* The result of parse. */
const void *bwi_snapshot_content(const struct bwi_snapshot *);
/* NULL is allowed. */
void bwi_snapshot_release(struct bwi_snapshot *);

#endif
