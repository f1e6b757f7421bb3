#ifndef BWCALLBACK_TOOLS_STORE_H
#define BWCALLBACK_TOOLS_STORE_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/finding.h>
#include <bwcallback/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Create a store if there is none, and update its tables. Files get mode 0640
 * or less. Limitations are reported as warnings, such as a file system on which
 * SQLite cannot use its write-ahead log. BW_ERR_UNSUPPORTED: made by a newer
 * version, or an unknown kind of URL.
 */
BW_EXPORT enum bw_err bw_store_create(
    const char *url, const struct bw_reporter *, struct bw_error *) BW_CHECK;
/*
 * Whether a file is on a file system that other machines may share, where
 * SQLite cannot use its write-ahead log.
 */
BW_EXPORT bool bw_store_is_shared(const char *path);

/* Write events into the spool. BW_ERR_LIMIT: the spool is full. */
BW_EXPORT enum bw_err bw_store_spool(struct bw_store *,
    const struct bw_store_event *, size_t n, struct bw_error *) BW_CHECK;
/*
 * Move the events of the spool into the store now instead of in the
 * background. *n: the number of events moved.
 */
BW_EXPORT enum bw_err bw_store_drain(
    struct bw_store *, int64_t deadline, size_t *n, struct bw_error *) BW_CHECK;

/* Numbers of one type. */
struct bw_store_count {
	struct bw_str family;
	struct bw_str type;
	uint64_t events;
	uint64_t deliveries;
	uint64_t unanswered;
};
typedef bool bw_store_count_fn(void *arg, const struct bw_store_count *);
/* Count events by family and type, in the order of these names. */
BW_EXPORT enum bw_err
bw_store_count(struct bw_store *, const struct bw_store_filter *,
    bw_store_count_fn *, void *arg, struct bw_error *) BW_CHECK;

struct bw_store_stats {
	uint64_t events;
	uint64_t first; /* sequence numbers; 0: no event */
	uint64_t last;
	int64_t oldest; /* times of arrival */
	int64_t newest;
	uint64_t bytes;	  /* of storage in use */
	uint64_t spooled; /* bytes in the spool */
};
BW_EXPORT enum bw_err bw_store_stats(
    struct bw_store *, struct bw_store_stats *, struct bw_error *) BW_CHECK;

struct bw_store_consumer_state {
	struct bw_str name;
	uint64_t position; /* the last event assigned to it */
	uint64_t pending;  /* assigned, and not done */
	uint64_t ahead;	   /* selected by its filter, and not assigned yet */
	int64_t oldest;	   /* when the oldest of these came; 0: none */
	uint64_t dead;	   /* dead letters */
	uint64_t held;	   /* events that are not pruned because of it */
	int64_t created;
	int64_t seen; /* last contact, to the minute; 0: unknown */
};
typedef bool
bw_store_consumer_fn(void *arg, const struct bw_store_consumer_state *);
/*
 * Describe the consumers, in the order of their names. Of the events received
 * before a time, held counts those that a consumer keeps from being pruned.
 */
BW_EXPORT enum bw_err bw_store_consumers(struct bw_store *, int64_t before,
    bw_store_consumer_fn *, void *arg, struct bw_error *) BW_CHECK;

typedef bool bw_store_dead_fn(void *arg, const struct bw_store_lease *,
    struct bw_str why, const struct bw_store_row *);
/*
 * Read the dead letters of a consumer, oldest first. BW_ERR_NOTFOUND: no such
 * consumer.
 */
BW_EXPORT enum bw_err bw_store_dead(struct bw_store *, const char *name,
    bw_store_dead_fn *, void *arg, struct bw_error *) BW_CHECK;
/*
 * Make a dead letter available to its consumer again; seq 0: all of them. *n:
 * the number of dead letters revived.
 */
BW_EXPORT enum bw_err bw_store_revive(struct bw_store *, const char *name,
    uint64_t seq, size_t *n, struct bw_error *) BW_CHECK;

/*
 * Remove the events that were received before a time, and the oldest ones while
 * the storage in use exceeds bytes (0: no limit); but no event that is a dead
 * letter or that a consumer has not handled. *n: the number removed. It works
 * in small steps, between which other writes continue. On a full disk it may
 * use a reserve, which it makes at the end of each run. BW_ERR_FULL: there was
 * none, or it did not suffice; some events may have been removed.
 */
BW_EXPORT enum bw_err bw_store_prune(struct bw_store *, int64_t before,
    uint64_t bytes, uint64_t *n, struct bw_error *) BW_CHECK;

/* Receives the progress in parts of all; returns false to abort. */
typedef bool bw_store_progress_fn(void *arg, int64_t done, int64_t all);
/*
 * Copy the store, as of one moment, into a file that must not exist; the store
 * stays in use meanwhile. The file gets its name when it is complete and
 * durable. BW_ERR_UNSUPPORTED: this kind of store has tools of its own.
 */
BW_EXPORT enum bw_err bw_store_backup(struct bw_store *, const char *path,
    bw_store_progress_fn *, void *arg, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
