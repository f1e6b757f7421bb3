#ifndef BWI_STORE_HANDLE_H
#define BWI_STORE_HANDLE_H

#include <bwcallback/store.h>

#include "store/spool.h"
#include "store/store_files.h"

/*
 * The store of a configuration. The process has one for each URL, so a reload
 * continues with the same store. The file is opened, or created, when the first
 * events are committed. So loading is cheap, and a request waits for the
 * file only until its own deadline, and only to store its own events.
 */
struct bwi_store_handle;

/* url: with an absolute path. NULL: out of memory. */
struct bwi_store_handle *bwi_store_handle_get(const char *url) BW_CHECK;
/* The same, but not shared with other configurations. */
struct bwi_store_handle *bwi_store_handle_alone(const char *url) BW_CHECK;
void bwi_store_handle_unref(struct bwi_store_handle *);
/*
 * Are keys valid as long as their events are stored, instead of seven days? For
 * all configurations with this store; the last one decides.
 */
void bwi_store_handle_retain_keys(struct bwi_store_handle *, bool retain);
/* Compact what is older than this, in milliseconds; 0: nothing. */
void bwi_store_handle_compact(struct bwi_store_handle *, int64_t age);
const char *bwi_store_handle_url(const struct bwi_store_handle *);
/*
 * The store; the handle owns it. Never waits. If the file cannot be opened,
 * writing events to it returns the error.
 */
enum bw_err bwi_store_handle_store(
    struct bwi_store_handle *, struct bw_store **, struct bw_error *) BW_CHECK;
/* See start of struct bwi_store_ops. Never waits. */
void bwi_store_handle_start(struct bwi_store_handle *);
/*
 * How many requests are parked that have this store. A store that is away must
 * not use up what requests with another may have.
 */
void bwi_store_handle_count_parked(struct bwi_store_handle *, bool more);
unsigned bwi_store_handle_parked(const struct bwi_store_handle *);
/* Bytes in the spool beside the store. */
int64_t bwi_store_handle_spooled(const struct bwi_store_handle *);
/* Its files, and what is left on their disk. */
void bwi_store_handle_files(
    const struct bwi_store_handle *, struct bwi_store_files *);
/*
 * Does the database say that no synchronous standby is connected, so that
 * nothing is acknowledged? Waits for it until a deadline, CLOCK_MONOTONIC in
 * nanoseconds.
 */
bool
bwi_store_handle_lacks_standby(struct bwi_store_handle *, int64_t deadline);
/*
 * Begin to append events to the spool beside the store, whether that is open or
 * not; the write is the caller's. deadline limits the wait for the spool's
 * lock: CLOCK_MONOTONIC, nanoseconds.
 */
enum bw_err bwi_store_handle_spool(struct bwi_store_handle *,
    const struct bw_store_event *, size_t n, int64_t deadline,
    struct bw_store_write **, struct bw_error *) BW_CHECK;

#endif
