/*
 * The jobs of one transaction: which events are new, and which are delivered
 * again. An event that is in the batch twice is stored once.
 */
#include "store/postgresql_batch.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "base/alloc.h"

static void
hash_id(char kind, struct bw_str id, struct bw_str key, unsigned char out[16])
{
	struct sha256_ctx c;
	const uint8_t begin[] = {(uint8_t)kind, (uint8_t)(id.n >> 24),
	    (uint8_t)(id.n >> 16), (uint8_t)(id.n >> 8), (uint8_t)id.n};

	sha256_init(&c);
	sha256_update(&c, sizeof(begin), begin);
	sha256_update(&c, id.n, (const uint8_t *)id.p);
	sha256_update(&c, key.n, (const uint8_t *)key.p);
	sha256_digest(&c, BWI_PG_ID_SIZE, out);
}

/*
 * Two deliveries are of the same event if they share the key and the call or
 * the message; without both, the key is enough.
 */
static size_t
make_ids(const struct bw_store_event *v, unsigned char out[2][BWI_PG_ID_SIZE])
{
	size_t n = 0;

	if (v->key.p == NULL)
		return 0;
	if (v->call.p != NULL)
		hash_id('c', v->call, v->key, out[n++]);
	if (v->message.p != NULL)
		hash_id('m', v->message, v->key, out[n++]);
	if (n == 0)
		hash_id('k', (struct bw_str){"", 0}, v->key, out[n++]);
	return n;
}

static int
compare_ids(const void *a, const void *b)
{
	return memcmp(((const struct bwi_pg_id *)a)->id,
	    ((const struct bwi_pg_id *)b)->id, BWI_PG_ID_SIZE);
}

static struct bwi_pg_id *
find_id(struct bwi_pg_batch *b, const unsigned char *id)
{
	struct bwi_pg_id wanted;

	memcpy(wanted.id, id, BWI_PG_ID_SIZE);
	return b->nids == 0 ? NULL
			    : bsearch(&wanted, b->ids, b->nids, sizeof(*b->ids),
				  compare_ids);
}

static void
sort_ids(struct bwi_pg_batch *b)
{
	size_t to = 0;

	if (b->nids > 1)
		qsort(b->ids, b->nids, sizeof(*b->ids), compare_ids);
	for (size_t i = 0; i < b->nids; i++) {
		if (to == 0 || compare_ids(&b->ids[to - 1], &b->ids[i]) != 0)
			b->ids[to++] = b->ids[i];
	}
	b->nids = to;
}

static void
collect_ids(struct bwi_pg_batch *b)
{
	unsigned char ids[2][BWI_PG_ID_SIZE];
	size_t at = 0;

	for (struct bw_store_write *j = b->jobs; j != NULL; j = j->next) {
		for (size_t i = 0; i < j->n; i++) {
			size_t n = make_ids(&j->events[i], ids);

			for (size_t k = 0; k < n; k++)
				memcpy(b->ids[b->nids++].id, ids[k],
				    BWI_PG_ID_SIZE);
		}
	}
	sort_ids(b);
	for (struct bw_store_write *j = b->jobs; j != NULL; j = j->next) {
		for (size_t i = 0; i < j->n; i++, at++) {
			struct bwi_pg_fate *f = &b->fates[at];

			f->nids = make_ids(&j->events[i], ids);
			for (size_t k = 0; k < f->nids; k++)
				f->ids[k] =
				    (size_t)(find_id(b, ids[k]) - b->ids);
		}
	}
}

enum bw_err
bwi_pg_batch_new(const struct bw_store *s, struct bw_store_write *jobs,
    struct bwi_pg_batch **out)
{
	struct bwi_pg_batch *b = bwi_calloc(1, sizeof(*b));

	*out = NULL;
	if (b == NULL)
		return BW_ERR_NOMEM;
	b->store = s;
	b->jobs = jobs;
	for (struct bw_store_write *j = jobs; j != NULL; j = j->next) {
		b->events += j->n;
		b->njobs++;
	}
	b->ids = bwi_calloc(b->events * 2 + 1, sizeof(*b->ids));
	b->fates = bwi_calloc(b->events + 1, sizeof(*b->fates));
	if (b->ids == NULL || b->fates == NULL) {
		bwi_pg_batch_free(b);
		return BW_ERR_NOMEM;
	}
	collect_ids(b);
	*out = b;
	return BW_OK;
}

void
bwi_pg_batch_free(struct bwi_pg_batch *b)
{
	if (b == NULL)
		return;
	PQclear(b->found);
	bwi_free(b->ids);
	bwi_free(b->fates);
	bwi_free(b->entries);
	bwi_free(b);
}

void
bwi_pg_batch_set_head(struct bwi_pg_batch *b, const PGresult *r)
{
	b->head = (struct bwi_pg_head){
	    .seq = (uint64_t)bwi_pg_int8(r, 0, 0),
	    .segment = bwi_pg_int4(r, 0, 1),
	    .now = bwi_pg_int8(r, 0, 2),
	    .unparsed = bwi_pg_int8(r, 0, 3),
	    .unparsed_bytes = bwi_pg_int8(r, 0, 4),
	    .opened = bwi_pg_int8(r, 0, 5),
	    .state = (enum bwi_move_state)bwi_pg_int4(r, 0, 6),
	    .safe = bwi_pg_bool(r, 0, 7),
	};
}

static void
get_entry(const PGresult *r, int i, struct bwi_pg_entry *out)
{
	*out = (struct bwi_pg_entry){
	    .segment = bwi_pg_int4(r, i, 1),
	    .seq = (uint64_t)bwi_pg_int8(r, i, 2),
	    .received = bwi_pg_int8(r, i, 3),
	    .claim = bwi_pg_int8(r, i, 4),
	    .deliveries = (unsigned)bwi_pg_int4(r, i, 5),
	    .last = bwi_pg_int8(r, i, 6),
	    .answer = {.status = bwi_pg_int4(r, i, 7),
		.fallback = bwi_pg_bool(r, i, 8),
		.answered = bwi_pg_int8(r, i, 9),
		.duration = bwi_pg_int8(r, i, 10),
		.content_type = bwi_pg_bytes(r, i, 11),
		.body = bwi_pg_bytes(r, i, 12)},
	    .writer = bwi_pg_int4(r, i, 13),
	    .gone = bwi_pg_bool(r, i, 14),
	};
}

/* An event with two ids is found twice. */
static struct bwi_pg_entry *
find_entry(struct bwi_pg_batch *b, uint64_t seq)
{
	for (size_t i = 0; i < b->known; i++) {
		if (b->entries[i].seq == seq)
			return &b->entries[i];
	}
	return NULL;
}

enum bw_err
bwi_pg_batch_set_found(struct bwi_pg_batch *b, PGresult *r)
{
	size_t rows = (size_t)PQntuples(r);

	PQclear(b->found);
	b->found = r;
	bwi_free(b->entries);
	b->n = b->known = 0;
	b->entries = bwi_calloc(rows + b->events + 1, sizeof(*b->entries));
	if (b->entries == NULL)
		return BW_ERR_NOMEM;
	for (size_t i = 0; i < b->nids; i++)
		b->ids[i].entry = NULL;
	for (int i = 0; i < (int)rows; i++) {
		struct bwi_pg_id *id =
		    find_id(b, (const unsigned char *)PQgetvalue(r, i, 0));
		struct bwi_pg_entry e, *same;

		get_entry(r, i, &e);
		same = find_entry(b, e.seq);
		if (same == NULL) {
			same = &b->entries[b->n++];
			*same = e;
			b->known = b->n;
		}
		if (id != NULL)
			id->entry = same;
	}
	return BW_OK;
}

/* The newest entry that an event may be a delivery of. */
static struct bwi_pg_entry *
newest(const struct bwi_pg_batch *b, const struct bwi_pg_fate *f)
{
	struct bwi_pg_entry *found = NULL;

	for (size_t i = 0; i < f->nids; i++) {
		struct bwi_pg_entry *e = b->ids[f->ids[i]].entry;

		if (e != NULL && (found == NULL || e->seq > found->seq))
			found = e;
	}
	return found;
}

static void
add(struct bwi_pg_batch *b, struct bwi_pg_fate *f,
    const struct bw_store_event *v)
{
	struct bwi_pg_entry *e = &b->entries[b->n++];

	*e = (struct bwi_pg_entry){
	    .seq = ++b->head.seq,
	    .segment = b->head.segment,
	    .received = v->received,
	    .claim = b->head.now + v->claim,
	    .last = v->received,
	    .deliveries = 1,
	    .is_new = true,
	    .event = v,
	    .answer = v->answer,
	};
	for (size_t i = 0; i < f->nids; i++)
		b->ids[f->ids[i]].entry = e;
	if (bw_str_is(v->family, BWI_STORE_UNPARSED)) {
		b->head.unparsed++;
		b->head.unparsed_bytes += (int64_t)(v->body.n + v->query.n);
	}
	f->answer = NULL;
	f->result = (struct bw_store_result){
	    .seq = e->seq, .fate = BW_STORE_NEW, .deliveries = 1};
}

static bool
is_answered(const struct bwi_pg_entry *e)
{
	return e->answer.status != 0 && !e->answer.failed;
}

static void
repeat(struct bwi_pg_batch *b, struct bwi_pg_fate *f, struct bwi_pg_entry *e,
    const struct bw_store_event *v)
{
	if (!v->again) {
		e->deliveries++;
		e->last = v->received;
		e->changed = true;
	}
	f->answer = NULL;
	f->result = (struct bw_store_result){
	    .seq = e->seq, .deliveries = e->deliveries};
	if (is_answered(e)) {
		f->answer = &e->answer;
		f->result.fate = BW_STORE_ANSWERED;
	} else if (e->gone || bwi_store_claim_over(e->claim, b->head.now)) {
		e->claim = b->head.now + v->claim;
		e->gone = false;
		e->taken = true;
		e->changed = true;
		f->result.fate = BW_STORE_TAKEN;
	} else {
		f->result.fate = BW_STORE_RUNNING;
	}
}

/* Undecodable bodies of a job: how many, and their bytes. */
static void
count_unparsed(const struct bw_store_write *j, int64_t *n, int64_t *bytes)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct bw_store_event *v = &j->events[i];

		if (!bw_str_is(v->family, BWI_STORE_UNPARSED))
			continue;
		++*n;
		*bytes += (int64_t)(v->body.n + v->query.n);
	}
}

/* false: with the job there would be too many undecodable bodies. */
static bool
may_add(const struct bwi_pg_batch *b, const struct bw_store_write *j)
{
	int64_t n = 0, bytes = 0;

	count_unparsed(j, &n, &bytes);
	return n == 0 || (b->head.unparsed + n <= BWI_STORE_MAX_UNPARSED &&
			     b->head.unparsed_bytes + bytes <=
				 BWI_STORE_MAX_UNPARSED_BYTES);
}

static bool
is_new(const struct bwi_pg_batch *b, const struct bwi_pg_fate *f,
    const struct bw_store_event *v)
{
	const struct bwi_pg_entry *e = newest(b, f);

	return e == NULL || bwi_store_key_over(b->store, e->received, v);
}

/* Of a store that is moved: does the job have a new event? */
static bool
is_fenced(const struct bwi_pg_batch *b, const struct bw_store_write *j,
    const struct bwi_pg_fate *fates)
{
	bool any = false;

	for (size_t i = 0; b->head.state != BWI_MOVE_OPEN && i < j->n; i++)
		any = any || is_new(b, &fates[i], &j->events[i]);
	return any;
}

static void
decide_events(
    struct bwi_pg_batch *b, struct bw_store_write *j, struct bwi_pg_fate *fates)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct bw_store_event *v = &j->events[i];

		if (is_new(b, &fates[i], v))
			add(b, &fates[i], v);
		else
			repeat(b, &fates[i], newest(b, &fates[i]), v);
	}
}

/* A delivery later in the batch gets this answer. */
static void
decide_answer(struct bwi_pg_batch *b, const struct bw_store_write *j)
{
	struct bwi_pg_entry *e = find_entry(b, j->seq);

	if (e != NULL && !is_answered(e))
		e->answer = j->answer;
}

/* Fail a job, and remove it and its fates. */
static void
fail_job(struct bwi_pg_batch *b, struct bw_store_write **at,
    struct bwi_pg_fate *fates, const struct bw_error *e)
{
	struct bw_store_write *j = *at;
	size_t after = b->events - (size_t)(fates - b->fates) - j->n;

	*at = j->next;
	memmove(fates, fates + j->n, after * sizeof(*fates));
	b->events -= j->n;
	b->njobs--;
	bwi_job_finish(j, e);
}

void
bwi_pg_batch_fail_late(
    struct bwi_pg_batch *b, int64_t now, const struct bw_error *e)
{
	struct bw_store_write **at = &b->jobs;
	struct bwi_pg_fate *f = b->fates;

	while (*at != NULL) {
		if ((*at)->deadline <= now) {
			fail_job(b, at, f, e);
			continue;
		}
		f += (*at)->n;
		at = &(*at)->next;
	}
}

static void
refuse(struct bwi_pg_batch *b, struct bw_store_write **at,
    struct bwi_pg_fate *fates, enum bw_err err, const char *why)
{
	struct bw_error e = {0};

	(void)bw_error_set(&e, err, 0, "store: %s", why);
	fail_job(b, at, fates, &e);
}

void
bwi_pg_batch_decide(struct bwi_pg_batch *b)
{
	struct bw_store_write **at = &b->jobs;
	struct bwi_pg_fate *f = b->fates;

	while (*at != NULL) {
		struct bw_store_write *j = *at;

		if (is_fenced(b, j, f)) {
			refuse(b, at, f, BW_ERR_READONLY, BWI_MOVE_REFUSAL);
			continue;
		}
		if (j->n > 0 && !may_add(b, j)) {
			refuse(b, at, f, BW_ERR_LIMIT,
			    "too many undecodable bodies: not stored");
			continue;
		}
		if (j->n > 0)
			decide_events(b, j, f);
		else
			decide_answer(b, j);
		f += j->n;
		at = &j->next;
	}
}

enum bw_err
bwi_pg_batch_number(struct bwi_pg_batch *b, const struct bw_store_row *rows)
{
	bwi_free(b->entries);
	b->n = b->known = 0;
	b->entries = bwi_calloc(b->events + 1, sizeof(*b->entries));
	if (b->entries == NULL)
		return BW_ERR_NOMEM;
	for (size_t i = 0; i < b->events; i++) {
		struct bw_store_event *v = &b->jobs->events[i];

		v->answer = rows[i].answer;
		b->head.seq = rows[i].seq - 1;
		add(b, &b->fates[i], v);
		b->entries[i].claim = v->received + v->claim;
		b->entries[i].deliveries = rows[i].deliveries;
		b->entries[i].last = rows[i].last;
	}
	return BW_OK;
}

static enum bw_err
set_results(struct bw_store_write *j, const struct bwi_pg_fate *f)
{
	for (size_t i = 0; i < j->n; i++) {
		enum bw_err err;

		j->results[i] = f[i].result;
		if (f[i].answer == NULL)
			continue;
		err = bwi_job_set_answer(j, i, f[i].answer);
		if (err != BW_OK)
			return err;
	}
	return BW_OK;
}

enum bw_err
bwi_pg_batch_set_results(struct bwi_pg_batch *b)
{
	const struct bwi_pg_fate *f = b->fates;

	for (struct bw_store_write *j = b->jobs; j != NULL; j = j->next) {
		/* Once decided, it stays so when the batch is tried again. */
		if (j->n > 0 && j->state == BWI_JOB_QUEUED) {
			enum bw_err err = set_results(j, f);

			if (err != BW_OK)
				return err;
		}
		f += j->n;
	}
	return BW_OK;
}

void
bwi_pg_batch_announce(struct bwi_pg_batch *b)
{
	for (struct bw_store_write *j = b->jobs; j != NULL; j = j->next) {
		if (j->n > 0 && j->state == BWI_JOB_QUEUED)
			bwi_job_decide(j);
	}
}

void
bwi_pg_batch_finish(struct bwi_pg_batch *b, const struct bw_error *e)
{
	const struct bwi_pg_fate *f = b->fates;
	struct bw_store_write *j = b->jobs;

	if (e == NULL)
		bwi_job_count_batch(j);
	while (j != NULL) {
		struct bw_store_write *next = j->next;
		size_t n = j->n;

		/* The number may be another than the announced one. */
		for (size_t i = 0; e == NULL && i < n; i++)
			j->results[i].seq = f[i].result.seq;
		f += n;
		bwi_job_finish(j, e);
		j = next;
	}
	b->jobs = NULL;
}
