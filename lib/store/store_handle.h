#ifndef BWI_STORE_HANDLE_H
#define BWI_STORE_HANDLE_H

#include <bwcallback/store.h>

#include "store/spool.h"

/*
 * The store of a configuration. There is one for each URL in the process, so
 * that a reload goes on with the store it has. Its file is opened, and made if
 * need be, by the thread that writes the first events to it, so that loading is
 * cheap, and no request waits for the file but for its own events, until its
 * own deadline.
 */
struct bwi_store_handle;

/* url: with an absolute path. NULL: no memory. */
struct bwi_store_handle *bwi_store_handle_get(const char *url) BW_CHECK;
/* The same for one who shares it with nobody. */
struct bwi_store_handle *bwi_store_handle_alone(const char *url) BW_CHECK;
void bwi_store_handle_unref(struct bwi_store_handle *);
const char *bwi_store_handle_url(const struct bwi_store_handle *);
/*
 * The store, which stays the keep's. Never waits. What keeps its file from
 * being opened is the error of the events that are given to it.
 */
enum bw_err bwi_store_handle_store(
    struct bwi_store_handle *, struct bw_store **, struct bw_error *) BW_CHECK;
/*
 * Put events into the spool beside the store, be it open or not. deadline, of
 * waiting for the spool's lock: CLOCK_MONOTONIC, nanoseconds.
 */
enum bw_err
bwi_store_handle_spool(struct bwi_store_handle *, const struct bw_store_event *,
    size_t n, int64_t deadline, struct bw_error *) BW_CHECK;

#endif
