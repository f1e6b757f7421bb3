#ifndef SEGMENTS_H
#define SEGMENTS_H

#include "fixture.h"

/* When the first event was received. */
#define RECEIVED INT64_C(1700000000000)
#define DAY	 (INT64_C(24) * 3600 * 1000)

/* The error of the last call. */
extern struct bw_error e;

/* A new store in a folder of its own, and another handle of it. */
struct bw_store *start(void);
struct bw_store *open_store(void);
/* Close it, if it is not NULL, and remove the folder. */
void stop(struct bw_store *);
struct bw_store_result
append(struct bw_store *, const char *key, int64_t received, int64_t claim);
/* Eight events, one a day, two in each segment. */
void fill(struct bw_store *);
/* Are segments compacted when they are closed? */
extern bool compacted;
/* Close the segment that takes events. */
void rotate(void);
/* Compact the segments whose events are all older; how many that were. */
unsigned compact(int64_t before);
/* Make the filters of closed segments. */
void make_filters(void);
void record(struct bw_store *, uint64_t seq);
/* The last digits of the numbers of the events, in order. */
uint64_t read_all(struct bw_store *, const struct bw_store_filter *,
    bool newest, uint64_t cursor, size_t max);
bool add_seq(void *all, const struct bw_store_row *);
/* The name of a segment's file with this end, and whether it is there. */
const char *name(unsigned number, const char *end);
bool is_there(unsigned number, const char *end);
/* Remove what was received before this time; the number of events. */
uint64_t prune(struct bw_store *, int64_t before);
/* Overwrite the beginning of a file. */
void damage(const char *file);

/* Files of the store that are removed, but still open. */
int count_deleted(void);

/* In the files of the same names. */
void segments_backup(void);
void segments_compact(void);
void segments_export(void);
void segments_families(void);
void segments_late(void);
void segments_left(void);
void segments_verify(void);

#endif
