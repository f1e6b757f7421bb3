#ifndef BWI_STORE_SPOOL_H
#define BWI_STORE_SPOOL_H

#include <stdint.h>

#include <bwcallback/store.h>

/*
 * Events that cannot be written to the store now: a local file of records, each
 * with its length and a checksum. An append is synced to disk before it
 * returns. Any number of processes may append; one at a time drains the file. A
 * damaged record, or one that a crash cut short, is skipped, and the file is
 * kept as NAME.damaged.
 *
 * A record: "BWSR", the length of the rest (4 bytes, little endian), SHA-256 of
 * the rest (32 bytes), the rest: received, window, batch and index (8 bytes
 * each, little endian) and, for each string of BWI_STORE_STRINGS, its length (4
 * bytes, all ones for an absent string) and its bytes. After each "BWS" in the
 * rest there is a byte 255 more, so that no sender of events can put something
 * into one that would be taken for a record after damage. Once the event is
 * stored, the "R" becomes an "m": six bits differ, so that no single wrong bit
 * does this. Records "BWS1" and "BWS0", without the bytes 255, were written by
 * an older version.
 */
struct bwi_spool;

/* Maximum size in bytes: enough for a day of peak load, less than a disk. */
#define BWI_SPOOL_MAX ((int64_t)1 << 30)

enum bw_err
bwi_spool_open(const char *path, int64_t max, struct bwi_spool **) BW_CHECK;
void bwi_spool_free(struct bwi_spool *);
const char *bwi_spool_path(const struct bwi_spool *);

/*
 * Longest wait for the file's lock, in milliseconds. A writer holds it for one
 * write.
 */
#define BWI_SPOOL_MAX_WAIT 2000

/*
 * Append events; they are durable on return. wait_ms: how long to wait for the
 * lock, in milliseconds, at least 50. BW_ERR_LIMIT: the file would exceed max.
 * BW_ERR_BUSY: other processes held the lock all that time. BW_ERR_IO (also on
 * a file system without locks), _FULL, _READONLY, _NOMEM.
 */
enum bw_err bwi_spool_append(struct bwi_spool *, const struct bw_store_event *,
    size_t n, int64_t wait_ms, struct bw_error *) BW_CHECK;
/* Bytes in the spool; 0 if there is no file. Two calls of stat(2). */
int64_t bwi_spool_size(struct bwi_spool *);

/* Most events that are stored together. */
#define BWI_SPOOL_BATCH 256

/*
 * Stores events, all or none of them; they must be durable when this returns
 * BW_OK. After any other error than BW_ERR_BUSY and _DEADLINE it is called for
 * each one of them.
 */
typedef enum bw_err bwi_spool_fn(
    void *arg, const struct bw_store_event *, size_t n, struct bw_error *);
/*
 * Pass the events to fn, in order and several at once, and remove the file when
 * all were stored. Stops at the first error of fn; the next drain continues
 * there. After a crash some events are passed again; their keys make the
 * repetition harmless. *n: how many events were stored; *damaged: bytes
 * skipped. If there are any, the file is
 * not removed: it is renamed, and bwi_spool_damage reports it.
 */
enum bw_err bwi_spool_drain(struct bwi_spool *, bwi_spool_fn *, void *arg,
    size_t *n, uint64_t *damaged, struct bw_error *) BW_CHECK;
/* BW_ERR_CORRUPT: so many bytes were skipped, and where they are kept. */
enum bw_err
bwi_spool_damage(const struct bwi_spool *, uint64_t damaged, struct bw_error *);

#endif
