#ifndef BWI_STORE_SQLITE_TERM_H
#define BWI_STORE_SQLITE_TERM_H

#include <bwcallback/store.h>

/*
 * A term is the hash of a value that events are looked up by. The table "term"
 * has an entry for each term of each event, instead of an index of each column.
 * A hash only narrows a search: every row found is compared with what was asked
 * for. The hashes are part of the file's format, bwcallback-store(5).
 */

/* A call, a message, two numbers and the type; or the key, if it has no ids. */
#define BWI_TERMS_MAX 5

struct bwi_terms {
	int64_t h[BWI_TERMS_MAX]; /* without repetition */
	size_t n;
	size_t keys; /* the first keys of them find the event by its key */
};

/* A range of terms; low == high: a single term. */
struct bwi_term_range {
	int64_t low;
	int64_t high;
};

void bwi_terms_of(const struct bw_store_event *, struct bwi_terms *);
int64_t bwi_term_type(struct bw_str family, struct bw_str type);
/* All terms of a call or a message, whatever the keys of its events. */
struct bwi_term_range bwi_term_call(struct bw_str call);
struct bwi_term_range bwi_term_message(struct bw_str message);
struct bwi_term_range bwi_term_number(struct bw_str number);

/*
 * The newest events, whose terms are not in the table yet: writing the terms of
 * many events at once changes each page once instead of many times.
 */
#define BWI_TAIL_MAX 512

struct bwi_term {
	int64_t h;
	uint64_t seq;
};

/* The terms of the tail, in memory, found by hash. */
struct bwi_tail {
	bool loaded;
	uint64_t indexed; /* terms up to this event are in the table */
	uint64_t known;	  /* terms from there up to this event are here */
	struct bwi_term *terms;
	size_t *same; /* of each term: the one before in its slot, from 1 */
	size_t n;
	size_t cap;
	size_t *slots; /* the last term of each slot, from 1; 0: none */
	size_t nslots;
};

void bwi_tail_free(struct bwi_tail *);
/* Empty it; the terms up to this event are in the table. */
void bwi_tail_reset(struct bwi_tail *, uint64_t indexed);
/* Make room for the terms of one more event. False: out of memory. */
bool bwi_tail_reserve(struct bwi_tail *) BW_CHECK;
/* Add an event's terms, after reserving. */
void bwi_tail_add(struct bwi_tail *, uint64_t seq, const struct bwi_terms *);
/* Remove the events after this one again. */
void bwi_tail_cut(struct bwi_tail *, uint64_t seq);
/* The newest event before this one that has the term; 0: none. */
uint64_t bwi_tail_find(const struct bwi_tail *, int64_t h, uint64_t before);
/* Sort the terms for the table. Afterwards the tail may only be reset. */
void bwi_tail_sort(struct bwi_tail *);

#endif
