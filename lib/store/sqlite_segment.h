#ifndef BWI_STORE_SQLITE_SEGMENT_H
#define BWI_STORE_SQLITE_SEGMENT_H

#include <dirent.h>
#include <stdatomic.h>

#include <bwcallback/store.h>

#include "store/sqlite_conn.h"

/*
 * The events of a store are in segments, one file each. The first is the
 * store's own file, PATH, which also has the consumers and their work. The
 * others are PATH.000002, PATH.000003, and so on. New events are appended to
 * the lowest segment that is not closed; the numbers of its events follow those
 * of the segment before. A closed segment changes only if an answer or a
 * re-delivery comes late. It may be compacted: then its rows are in
 * PATH.NNNNNN.packed, and PATH.NNNNNN, if it is still there, is of no use.
 */
#define BWI_SEGMENT_OWN	   1
#define BWI_SEGMENT_PACKED ".packed"

/* A Bloom filter of the upper halves of a closed segment's terms. */
struct bwi_filter {
	char *name;	 /* of the file; NULL: none, every value may be there */
	size_t blocks;	 /* of 64 bytes */
	uint64_t seed;	 /* of their checksums */
	uint64_t *words; /* NULL: not read yet */
	unsigned questions;
};

/* What is known of a segment without its rows. */
struct bwi_extent {
	uint64_t first; /* numbers that its events may have */
	uint64_t last;
	int64_t oldest; /* times between which they were received */
	int64_t newest;
};

struct bwi_segment {
	uint64_t number;
	bool packed;	   /* it is compacted */
	const char *path;  /* one of these: */
	char *plain;	   /* PATH.NNNNNN */
	char *packed_name; /* PATH.NNNNNN.packed; NULL: it is PATH */
	struct bwi_conn conn;
	bool known;	/* of a closed one: its extent was read */
	int64_t looked; /* when the filter was looked for */
	struct bwi_extent extent;
	struct bwi_filter filter;
	uint64_t families; /* of a closed one, a bit for each; 0: not read */
	bool writing;	   /* a write transaction has begun */
	bool saved;	   /* with a savepoint in it */
	bool damaged;	   /* passed over when keys are looked up */
	bool counted;	   /* its undecodable bodies were counted: */
	int64_t unparsed;
	int64_t unparsed_bytes;
	int64_t locked; /* when its lock was waited for in vain */
	uint64_t used;	/* when, to close the others */
};

/* The segments of a store as one thread at a time sees them. */
struct bwi_segments {
	const char *path;
	struct bwi_segment **list; /* ascending; the last takes events */
	size_t n;		   /* 0: not listed yet */
	size_t cap;
	bool identified;
	int64_t id;	 /* of the store */
	dev_t dev;	 /* of PATH, when the folder was read */
	ino_t ino;	 /* 0: it was not there */
	int64_t listed;	 /* when that was */
	int64_t dropped; /* how often segments were dropped */
	int64_t deadline;
	bool limited; /* statements fail once the deadline is over */
	uint64_t uses;
};

/* The segment that takes events. */
static inline struct bwi_segment *
bwi_segments_active(const struct bwi_segments *g)
{
	return g->list[g->n - 1];
}

/* The connection to PATH, which has the consumers. */
static inline struct bwi_conn *
bwi_segments_control(const struct bwi_segments *g)
{
	return &g->list[0]->conn;
}

/*
 * Open the store, and find the segments that were added or dropped. Afterwards
 * PATH and the active segment are open. BW_ERR_CORRUPT: one is missing.
 */
enum bw_err bwi_segments_update(
    struct bwi_segments *, int64_t deadline, struct bw_error *) BW_CHECK;
/*
 * The same for reading and appending events: PATH is only opened if it takes
 * events, or when it is searched. A segment that was dropped in the last second
 * may be listed.
 */
enum bw_err bwi_segments_look(
    struct bwi_segments *, int64_t deadline, struct bw_error *) BW_CHECK;
/*
 * Is the active segment open, and PATH the same file as before? They are closed
 * if they were removed or replaced; what is known of the others is kept, unless
 * PATH was.
 */
bool bwi_segments_are_current(struct bwi_segments *);
/*
 * After an error in any segment: close the others, so that nothing is cached
 * that may be wrong.
 */
void bwi_segments_recover(struct bwi_segments *);
/* Close segments whose files were removed, so that their room is free. */
void bwi_segments_give_up(struct bwi_segments *);
/*
 * Does a compacted file replace the one that is open? That file appears while
 * the segment and the consumers are locked, so without it a transaction can
 * change the segment.
 */
bool bwi_segment_is_replaced(const struct bwi_segment *);
/* Open a segment, in the file that it has now. */
enum bw_err bwi_segment_open(
    struct bwi_segments *, struct bwi_segment *, struct bw_error *) BW_CHECK;
/* Open segment i if it is not. *c NULL: it has been dropped meanwhile. */
enum bw_err bwi_segments_get(struct bwi_segments *, size_t i,
    struct bwi_conn **, struct bw_error *) BW_CHECK;
/*
 * Read the extent and the filter of a closed segment. *there: it has not been
 * dropped meanwhile.
 */
enum bw_err bwi_segments_describe(
    struct bwi_segments *, size_t i, bool *there, struct bw_error *) BW_CHECK;
/* The index of the segment with this event; n: there is none. */
enum bw_err bwi_segments_find(
    struct bwi_segments *, uint64_t seq, size_t *i, struct bw_error *) BW_CHECK;
/*
 * Is it known which events each segment has? Otherwise one that was not found
 * may be in a damaged segment.
 */
bool bwi_segments_are_known(struct bwi_segments *);
/*
 * May segment i have events between low and high that the filter selects? *c
 * NULL: no; else its connection.
 */
enum bw_err bwi_segments_may_match(struct bwi_segments *, size_t i,
    const struct bw_store_filter *, uint64_t low, uint64_t high,
    struct bwi_conn **c, struct bw_error *) BW_CHECK;
/* Let statements fail once the deadline is over; false: no longer. */
void bwi_segments_limit(struct bwi_segments *, bool limited);
void bwi_segments_close(struct bwi_segments *);

/* segment_name.c */

/* The path of a segment or of a file beside it. NULL: out of memory. */
char *bwi_segment_path(const char *path, uint64_t number, const char *end);
/* Open the folder that PATH is in; base: its name there. NULL: see errno. */
DIR *bwi_segment_folder(const char *path, const char **base);
/*
 * The number in the name of a segment, or of a file beside one, whose name goes
 * on at *end; 0: it is another file.
 */
uint64_t bwi_segment_number(
    const char *name, const char *base, size_t length, const char **end);
/* The numbers of the segments in the folder, without the first, ascending. */
enum bw_err bwi_segment_list(const char *path, uint64_t **numbers, size_t *n,
    struct bw_error *) BW_CHECK;
/* After PATH, in the name of a temporary file. */
#define BWI_SEGMENT_TEMPORARY ".new-"
/*
 * Create a temporary file beside PATH, with its mode and owner. *fd is open,
 * *name belongs to the caller.
 */
enum bw_err bwi_segment_temporary(
    const char *path, int *fd, char **name, struct bw_error *) BW_CHECK;

/* segment_remove.c */

/* Remove a segment and the files beside it. */
enum bw_err bwi_segment_remove(
    const char *path, uint64_t number, struct bw_error *) BW_CHECK;
/*
 * Remove the file of a segment that is compacted as it was before, and what is
 * beside it.
 */
enum bw_err bwi_segment_remove_plain(
    const char *path, uint64_t number, struct bw_error *) BW_CHECK;
/* Remove a temporary file, and what SQLite may have left beside it. */
void bwi_segment_remove_temporary(const char *name);
/* Remove what processes left that were killed. */
void bwi_segment_sweep(const char *path);

/* segment_filter.c */

/*
 * Use the filter file of a segment; only its beginning is read. BW_ERR_NOFILE:
 * there is none. BW_ERR_CORRUPT: it is of no use.
 */
enum bw_err bwi_filter_load(struct bwi_filter *, struct bwi_extent *,
    const char *path, uint64_t number, int64_t id, struct bw_error *) BW_CHECK;
/*
 * Make the filter file of a closed segment. BW_ERR_DEADLINE: told to stop.
 */
enum bw_err bwi_filter_make(const char *path, uint64_t number, int64_t id,
    struct bwi_conn *, const struct bwi_extent *, atomic_bool *stop,
    struct bw_error *) BW_CHECK;
void bwi_filter_free(struct bwi_filter *);
/* Read and check the rest. BW_ERR_CORRUPT: it is of no use. */
enum bw_err bwi_filter_read(struct bwi_filter *, struct bw_error *) BW_CHECK;
/* May the segment have the term? A damaged file is removed. */
bool bwi_filter_may_have(struct bwi_filter *, int64_t h);

#endif
