#ifndef BWI_STORE_SPOOL_H
#define BWI_STORE_SPOOL_H

#include <stdint.h>

#include <bwcallback/store.h>

/*
 * What cannot be stored now: a local file of records, each with its length
 * and a checksum, appended and synchronised before the append returns. Any
 * number of processes may append; one at a time empties it. A record that a
 * crash cut short is passed over.
 *
 * A record: "BWS1", the length of the rest (4 bytes, little endian), SHA-256
 * of the rest (32 bytes), the rest: received, window, batch and index (8 bytes
 * each, little endian) and for each string of BWI_STORE_STRINGS its length (4
 * bytes, all ones for an absent one) and bytes.
 */
struct bwi_spool;

/* As much as is kept, in bytes: a day of storms, not a disk. */
#define BWI_SPOOL_MAX ((int64_t)1 << 30)

enum bw_err
bwi_spool_open(const char *path, int64_t max, struct bwi_spool **) BW_CHECK;
void bwi_spool_free(struct bwi_spool *);

/* The longest wait for the lock, which is held for one write: milliseconds. */
#define BWI_SPOOL_PATIENCE 2000

/*
 * Append events; durable on return. patience: how long to wait for the lock, in
 * milliseconds, 50 at least. BW_ERR_LIMIT: it would be larger than max.
 * BW_ERR_BUSY: others held its lock all that time. BW_ERR_IO (also on a file
 * system without locks), _FULL, _READONLY, _NOMEM.
 */
enum bw_err bwi_spool_append(struct bwi_spool *, const struct bw_store_event *,
    size_t n, int64_t patience, struct bw_error *) BW_CHECK;
/* Bytes waiting; 0 when there is no file. One system call. */
int64_t bwi_spool_size(struct bwi_spool *);

/* Must have stored the event durably when it returns BW_OK. */
typedef enum bw_err
bwi_spool_fn(void *arg, const struct bw_store_event *, struct bw_error *);
/*
 * Give each event to fn, and remove the file when all were taken. Stops at the
 * first error of fn and goes on from there next time; after a crash some are
 * given again, which their keys make harmless. *n: how many were taken;
 * *damaged: bytes passed over.
 */
enum bw_err bwi_spool_drain(struct bwi_spool *, bwi_spool_fn *, void *arg,
    size_t *n, uint64_t *damaged, struct bw_error *) BW_CHECK;

#endif
