#ifndef BWI_OS_FILE_WATCH_H
#define BWI_OS_FILE_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <bwcallback/error.h>

/*
 * A file that is read again when it changes. Its identity is looked at once a
 * second at most, by whichever thread comes first.
 */
struct bwi_file_watch {
	char *path;
	struct stat seen;
	bool known;		/* seen is what was read last */
	_Atomic int64_t next;	/* when to look again: CLOCK_MONOTONIC, ns */
	atomic_bool has_notice; /* notice was not taken yet */
	struct bw_error notice; /* the last one, once taken */
};

/* The path is copied. BW_ERR_NOMEM. */
enum bw_err bwi_file_watch_init(
    struct bwi_file_watch *, const char *path, struct bw_error *) BW_CHECK;
void bwi_file_watch_free(struct bwi_file_watch *);

/* True for one thread, once a second. Takes no lock. */
bool bwi_file_watch_due(struct bwi_file_watch *);

/* The rest is for one thread at a time: the owner's lock is held. */

/* Is the file another than the one read last? */
bool bwi_file_watch_changed(const struct bwi_file_watch *);
/*
 * Read a regular file of at most max bytes; *text is terminated and the
 * caller's. BW_ERR_NOFILE, _IO, _LIMIT, _NOMEM; _CONFIG: everybody could
 * change it.
 */
enum bw_err bwi_file_watch_read(struct bwi_file_watch *, size_t max,
    char **text, size_t *n, struct bw_error *) BW_CHECK;
/*
 * What was read could not be used: say so to whoever asks next, unless it was
 * said of the last reading, too. A cause outside the file (memory, files
 * open) makes the next look read it again.
 */
void bwi_file_watch_failed(struct bwi_file_watch *, const struct bw_error *);
/*
 * Such an error as that of a request which needed the file: what is malformed
 * here is no fault of whoever sent it, and a 4xx would say so.
 */
enum bw_err bwi_file_watch_fault(enum bw_err);
/* It could. */
void bwi_file_watch_succeeded(struct bwi_file_watch *);
/* Take the notice, if there is one; the code is that of the failure. */
bool bwi_file_watch_take_warning(struct bwi_file_watch *, struct bw_error *);

#endif
