#ifndef BWI_STORE_HANDLE_H
#define BWI_STORE_HANDLE_H

#include <bwcallback/store.h>

#include "store/spool.h"

/*
 * The store of a configuration. The process has one for each URL, so a reload
 * continues with the same store. The writer thread opens the file, or creates
 * it, for the first events. So loading is cheap, and a request waits for the
 * file only until its own deadline, and only to store its own events.
 */
struct bwi_store_handle;

/* url: with an absolute path. NULL: out of memory. */
struct bwi_store_handle *bwi_store_handle_get(const char *url) BW_CHECK;
/* The same, but not shared with other configurations. */
struct bwi_store_handle *bwi_store_handle_alone(const char *url) BW_CHECK;
void bwi_store_handle_unref(struct bwi_store_handle *);
const char *bwi_store_handle_url(const struct bwi_store_handle *);
/*
 * The store; the handle owns it. Never waits. If the file cannot be opened,
 * writing events to it returns the error.
 */
enum bw_err bwi_store_handle_store(
    struct bwi_store_handle *, struct bw_store **, struct bw_error *) BW_CHECK;
/*
 * Append events to the spool beside the store, whether that is open or not.
 * deadline limits the wait for the spool's lock: CLOCK_MONOTONIC, nanoseconds.
 */
enum bw_err
bwi_store_handle_spool(struct bwi_store_handle *, const struct bw_store_event *,
    size_t n, int64_t deadline, struct bw_error *) BW_CHECK;

#endif
