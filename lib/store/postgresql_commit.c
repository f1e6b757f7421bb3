/* The statements of one transaction of the writer. */
#include <bwcallback/tools/hash.h>

#include "store/event_strings.h"
#include "store/postgresql_alive.h"
#include "store/postgresql_batch.h"

/* Bytes of a row besides its texts. */
#define ROW_BYTES 200

static enum bw_err
queue_plain(struct bwi_pg_conn *c, enum bwi_pg_statement s, struct bw_error *e)
{
	bwi_pg_params_reset(&c->params);
	return bwi_pg_conn_queue(c, s, e);
}

enum bw_err
bwi_pg_queue_lock(struct bwi_pg_conn *c, struct bwi_pg_batch *b,
    const unsigned char writer[16], struct bw_error *e)
{
	enum bw_err err = queue_plain(c, BWI_PG_BEGIN, e);

	if (err == BW_OK)
		err = queue_plain(c, BWI_PG_LOCK, e);
	if (err != BW_OK)
		return err;
	bwi_pg_params_reset(&c->params);
	bwi_pg_put_uuid(&c->params, writer);
	err = bwi_pg_conn_queue(c, BWI_PG_BATCH, e);
	if (err != BW_OK)
		return err;
	bwi_pg_params_reset(&c->params);
	bwi_pg_array_begin(&c->params, BWI_PG_UUID, b->nids);
	for (size_t i = 0; i < b->nids; i++)
		bwi_pg_element_uuid(&c->params, b->ids[i].id);
	bwi_pg_array_end(&c->params);
	return bwi_pg_conn_queue(c, BWI_PG_FIND, e);
}

/* An index has the hash of a text: a text may be longer than it takes. */
static void
put_hash(struct bwi_pg_params *p, struct bw_str s)
{
	if (s.p == NULL)
		bwi_pg_element_null(p);
	else
		bwi_pg_element_int8(p, (int64_t)bw_hash_str(BW_HASH_START, s));
}

static size_t
size_of(const struct bw_store_event *v)
{
	return ROW_BYTES + v->body.n + v->query.n + v->key.n + v->call.n +
	       v->message.n + v->thread.n + v->request.n;
}

/* A column of the new entries: X is written for each. */
#define COLUMN(p, b, n, type, element, value) \
	do { \
		bwi_pg_array_begin((p), (type), (n)); \
		for (size_t i_ = (b)->known; i_ < (b)->n; i_++) { \
			const struct bwi_pg_entry *x = &(b)->entries[i_]; \
\
			element((p), (value)); \
		} \
		bwi_pg_array_end(p); \
	} while (0)

static void
put_numbers(struct bwi_pg_params *p, const struct bwi_pg_batch *b, size_t n)
{
	COLUMN(p, b, n, BWI_PG_INT8, bwi_pg_element_int8, (int64_t)x->seq);
	COLUMN(p, b, n, BWI_PG_INT8, bwi_pg_element_int8, x->received);
	COLUMN(p, b, n, BWI_PG_INT8, bwi_pg_element_int8, x->claim);
	COLUMN(
	    p, b, n, BWI_PG_INT4, bwi_pg_element_int4, (int32_t)x->deliveries);
	COLUMN(p, b, n, BWI_PG_INT8, bwi_pg_element_int8, x->last);
	COLUMN(p, b, n, BWI_PG_INT4, bwi_pg_element_int4, x->event->batch);
	COLUMN(p, b, n, BWI_PG_INT4, bwi_pg_element_int4, x->event->index);
	COLUMN(p, b, n, BWI_PG_INT8, bwi_pg_element_int8,
	    (int64_t)size_of(x->event));
	COLUMN(p, b, n, BWI_PG_INT8, put_hash, x->event->call);
	COLUMN(p, b, n, BWI_PG_INT8, put_hash, x->event->message);
	COLUMN(p, b, n, BWI_PG_INT8, put_hash, x->event->from);
	COLUMN(p, b, n, BWI_PG_INT8, put_hash, x->event->to);
	COLUMN(p, b, n, BWI_PG_INT8, put_hash, x->event->thread);
}

/* BWI_PG_INSERT has these parameters in the same order. */
static void
put_texts(struct bwi_pg_params *p, const struct bwi_pg_batch *b, size_t n)
{
#define X(name) \
	COLUMN(p, b, n, BWI_PG_BYTEA, bwi_pg_element_bytes, x->event->name);
	BWI_STORE_EVENT_STRINGS(X)
#undef X
}

static enum bw_err
queue_events(struct bwi_pg_conn *c, const struct bwi_pg_batch *b, int32_t own,
    size_t *n, struct bw_error *e)
{
	struct bwi_pg_params *p = &c->params;
	size_t added = b->n - b->known;

	if (added == 0)
		return BW_OK;
	bwi_pg_params_reset(p);
	bwi_pg_put_int4(p, b->head.segment);
	put_numbers(p, b, added);
	put_texts(p, b, added);
	bwi_pg_put_int4(p, own);
	++*n;
	return bwi_pg_conn_queue(c, BWI_PG_INSERT, e);
}

static bool
is_added(const struct bwi_pg_id *id)
{
	return id->entry != NULL && id->entry->is_new;
}

static enum bw_err
queue_keys(struct bwi_pg_conn *c, const struct bwi_pg_batch *b, size_t *n,
    struct bw_error *e)
{
	struct bwi_pg_params *p = &c->params;
	size_t added = 0;

	for (size_t i = 0; i < b->nids; i++)
		added += is_added(&b->ids[i]);
	if (added == 0)
		return BW_OK;
	bwi_pg_params_reset(p);
	bwi_pg_put_int4(p, b->head.segment);
	bwi_pg_array_begin(p, BWI_PG_UUID, added);
	for (size_t i = 0; i < b->nids; i++) {
		if (is_added(&b->ids[i]))
			bwi_pg_element_uuid(p, b->ids[i].id);
	}
	bwi_pg_array_end(p);
	bwi_pg_array_begin(p, BWI_PG_INT8, added);
	for (size_t i = 0; i < b->nids; i++) {
		if (is_added(&b->ids[i]))
			bwi_pg_element_int8(p, (int64_t)b->ids[i].entry->seq);
	}
	bwi_pg_array_end(p);
	++*n;
	return bwi_pg_conn_queue(c, BWI_PG_KEYS, e);
}

/* A column of the entries that are delivered again. */
#define REPEATED(p, b, n, type, element, value) \
	do { \
		bwi_pg_array_begin((p), (type), (n)); \
		for (size_t i_ = 0; i_ < (b)->known; i_++) { \
			const struct bwi_pg_entry *x = &(b)->entries[i_]; \
\
			if (x->changed) \
				element((p), (value)); \
		} \
		bwi_pg_array_end(p); \
	} while (0)

static enum bw_err
queue_repeats(struct bwi_pg_conn *c, const struct bwi_pg_batch *b, int32_t own,
    size_t *n, struct bw_error *e)
{
	struct bwi_pg_params *p = &c->params;
	size_t k = 0;

	for (size_t i = 0; i < b->known; i++)
		k += b->entries[i].changed;
	if (k == 0)
		return BW_OK;
	bwi_pg_params_reset(p);
	REPEATED(p, b, k, BWI_PG_INT4, bwi_pg_element_int4, x->segment);
	REPEATED(p, b, k, BWI_PG_INT8, bwi_pg_element_int8, (int64_t)x->seq);
	REPEATED(
	    p, b, k, BWI_PG_INT4, bwi_pg_element_int4, (int32_t)x->deliveries);
	REPEATED(p, b, k, BWI_PG_INT8, bwi_pg_element_int8, x->last);
	REPEATED(p, b, k, BWI_PG_INT8, bwi_pg_element_int8, x->claim);
	REPEATED(p, b, k, BWI_PG_INT4, bwi_pg_element_int4,
	    x->taken ? own : x->writer);
	++*n;
	return bwi_pg_conn_queue(c, BWI_PG_REPEATS, e);
}

/* The answers of a batch: the ones stored with events, then separate ones. */
struct answers {
	const struct bwi_pg_batch *batch;
	size_t entry;
	const struct bw_store_write *job;
};

static const struct bw_store_answer *
next_answer(struct answers *a, uint64_t *seq)
{
	const struct bwi_pg_batch *b = a->batch;

	while (a->entry < b->n) {
		const struct bwi_pg_entry *x = &b->entries[a->entry++];

		*seq = x->seq;
		if (x->event->answer.status != 0)
			return &x->event->answer;
	}
	while (a->job != NULL) {
		const struct bw_store_write *j = a->job;

		a->job = j->next;
		*seq = j->seq;
		if (j->n == 0)
			return &j->answer;
	}
	return NULL;
}

#define ANSWERS(p, b, n, type, element, value) \
	do { \
		struct answers all_ = {(b), (b)->known, (b)->jobs}; \
		const struct bw_store_answer *a; \
		uint64_t seq; \
\
		bwi_pg_array_begin((p), (type), (n)); \
		while ((a = next_answer(&all_, &seq)) != NULL) \
			element((p), (value)); \
		bwi_pg_array_end(p); \
	} while (0)

static enum bw_err
queue_answers(struct bwi_pg_conn *c, const struct bwi_pg_batch *b, size_t *n,
    struct bw_error *e)
{
	struct answers all = {b, b->known, b->jobs};
	struct bwi_pg_params *p = &c->params;
	uint64_t unused;
	size_t k = 0;

	while (next_answer(&all, &unused) != NULL)
		k++;
	if (k == 0)
		return BW_OK;
	bwi_pg_params_reset(p);
	ANSWERS(p, b, k, BWI_PG_INT8, bwi_pg_element_int8, (int64_t)seq);
	ANSWERS(p, b, k, BWI_PG_INT4, bwi_pg_element_int4, a->status);
	ANSWERS(p, b, k, BWI_PG_BOOL, bwi_pg_element_bool, a->fallback);
	ANSWERS(p, b, k, BWI_PG_BOOL, bwi_pg_element_bool, a->failed);
	ANSWERS(p, b, k, BWI_PG_INT8, bwi_pg_element_int8, a->answered);
	ANSWERS(p, b, k, BWI_PG_INT8, bwi_pg_element_int8, a->duration);
	ANSWERS(p, b, k, BWI_PG_BYTEA, bwi_pg_element_bytes, a->content_type);
	ANSWERS(p, b, k, BWI_PG_BYTEA, bwi_pg_element_bytes, a->body);
	ANSWERS(p, b, k, BWI_PG_BYTEA, bwi_pg_element_bytes, a->trace);
	++*n;
	return bwi_pg_conn_queue(c, BWI_PG_ANSWERS, e);
}

static enum bw_err
queue_segment(struct bwi_pg_conn *c, const struct bwi_pg_batch *b, size_t *n,
    struct bw_error *e)
{
	struct bwi_pg_params *p = &c->params;
	int64_t oldest = INT64_MAX, newest = INT64_MIN;
	size_t bytes = 0;

	if (b->n == b->known)
		return BW_OK;
	for (size_t i = b->known; i < b->n; i++) {
		const struct bwi_pg_entry *x = &b->entries[i];

		bytes += size_of(x->event);
		oldest = x->received < oldest ? x->received : oldest;
		newest = x->received > newest ? x->received : newest;
	}
	bwi_pg_params_reset(p);
	bwi_pg_put_int4(p, b->head.segment);
	bwi_pg_put_int8(p, (int64_t)(b->n - b->known));
	bwi_pg_put_int8(p, (int64_t)bytes);
	bwi_pg_put_int8(p, oldest);
	bwi_pg_put_int8(p, newest);
	bwi_pg_put_int8(p, (int64_t)b->head.seq);
	++*n;
	return bwi_pg_conn_queue(c, BWI_PG_SEGMENT, e);
}

static enum bw_err
queue_head(struct bwi_pg_conn *c, const struct bwi_pg_batch *b,
    const unsigned char writer[16], size_t *n, struct bw_error *e)
{
	struct bwi_pg_params *p = &c->params;
	enum bw_err err;

	bwi_pg_params_reset(p);
	bwi_pg_put_int8(p, (int64_t)b->head.seq);
	bwi_pg_put_int8(p, b->head.unparsed);
	bwi_pg_put_int8(p, b->head.unparsed_bytes);
	err = bwi_pg_conn_queue(c, BWI_PG_HEAD, e);
	if (err != BW_OK)
		return err;
	bwi_pg_params_reset(p);
	bwi_pg_put_uuid(p, writer);
	bwi_pg_put_int8(p, b->number);
	bwi_pg_put_int8(p, b->head.now);
	*n += 2;
	return bwi_pg_conn_queue(c, BWI_PG_WRITER, e);
}

enum bw_err
bwi_pg_queue_commit(struct bwi_pg_conn *c, struct bwi_pg_batch *b,
    const unsigned char writer[16], size_t *n, struct bw_error *e)
{
	int32_t own = bwi_pg_writer_number(writer);
	enum bw_err err = BW_OK;

	*n = 0;
	if (!b->committed) {
		err = queue_events(c, b, own, n, e);
		if (err == BW_OK)
			err = queue_keys(c, b, n, e);
		if (err == BW_OK)
			err = queue_repeats(c, b, own, n, e);
		if (err == BW_OK)
			err = queue_answers(c, b, n, e);
		if (err == BW_OK)
			err = queue_segment(c, b, n, e);
	}
	if (err == BW_OK)
		err = queue_head(c, b, writer, n, e);
	return err == BW_OK ? queue_plain(c, BWI_PG_COMMIT, e) : err;
}
