#ifndef BWI_OS_FILE_WATCH_H
#define BWI_OS_FILE_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <bwcallback/error.h>

/*
 * Detects that a file changed, so that it is read again. A thread checks the
 * file's identity (device, inode, size, times) at most once a second.
 */
struct bwi_file_watch {
	char *path;
	struct stat seen;
	bool known; /* seen describes the version that was read last */
	_Atomic int64_t next; /* time of the next check: CLOCK_MONOTONIC, ns */
	atomic_bool has_warning; /* warning was not taken yet */
	struct bw_error warning; /* the last warning, also after it was taken */
};

/* The path is copied. BW_ERR_NOMEM. */
enum bw_err bwi_file_watch_init(
    struct bwi_file_watch *, const char *path, struct bw_error *) BW_CHECK;
void bwi_file_watch_free(struct bwi_file_watch *);

/* True when a check is due: for one thread, once a second. Takes no lock. */
bool bwi_file_watch_due(struct bwi_file_watch *);

/* The functions below need the owner's lock: one thread at a time. */

/* Did the file change since it was read last? */
bool bwi_file_watch_changed(const struct bwi_file_watch *);
/*
 * Read a regular file of at most max bytes; *text is NUL-terminated and the
 * caller's. BW_ERR_NOFILE, _IO, _LIMIT, _NOMEM; _CONFIG: the file is writable
 * for everybody.
 */
enum bw_err bwi_file_watch_read(struct bwi_file_watch *, size_t max,
    char **text, size_t *n, struct bw_error *) BW_CHECK;
/*
 * Record that the file could not be used: sets a warning, unless the last read
 * failed with the same message. After a cause outside the file (memory, I/O)
 * the next check reads the file again.
 */
void bwi_file_watch_failed(struct bwi_file_watch *, const struct bw_error *);
/* Maps an error in our file to the error that a request gets: never a 4xx. */
enum bw_err bwi_file_watch_request_error(enum bw_err);
/* Record that the file was used; clears the warning. */
void bwi_file_watch_succeeded(struct bwi_file_watch *);
/* Take the warning, if any; the code is the failure's. */
bool bwi_file_watch_take_warning(struct bwi_file_watch *, struct bw_error *);

#endif
