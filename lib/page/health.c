#include "page/health.h"

#include <bwcallback/tools/clock.h>

#include "base/counter.h"
#include "base/json_quote.h"
#include "base/request.h"
#include "base/response.h"
#include "config/config_internal.h"
#include "store/store.h"

/* How long the store may take, in nanoseconds. */
#define MAX_WAIT INT64_C(250000000)

/* What can be wrong; page/faults.def explains the members. */
static const struct fault {
	const char *word;
	bool unready;
	bool listed;
	const char *text;
} faults[] = {
#define FAULT(name, word, unready, listed, text) {word, unready, listed, text},
#include "page/faults.def"
#undef FAULT
};

enum bwi_fault {
#define FAULT(name, word, unready, listed, text) BWI_FAULT_##name,
#include "page/faults.def"
#undef FAULT
	BWI_FAULT__MAX
};

/*
 * Begin a transaction that changes nothing: the answer to an event that does
 * not exist. false: the store cannot take it.
 */
static bool
begin_probe(struct bwi_store_handle *handle, struct bw_store_write **probe)
{
	const struct bw_store_answer nothing = {.status = 204};
	struct bw_store *store = NULL;

	if (bwi_store_handle_store(handle, &store, NULL) != BW_OK ||
	    bwi_store_busy(store) > MAX_WAIT ||
	    bwi_store_answer_begin(store, 0, &nothing, probe, NULL) != BW_OK)
		return false;
	bwi_job_hurry(*probe);
	return true;
}

/* Begin all probes at once, so that they overlap. */
static void
begin_probes(struct bwi_page *p, const struct bw_config *c)
{
	p->probing = true;
	for (size_t i = 0; i < c->nstores; i++)
		p->away[i] = !begin_probe(c->stores[i].handle, &p->probes[i]);
	p->until = bw_monotonic_ns() + MAX_WAIT;
}

/* Wait for a probe; false: the request is parked. */
static bool
await_probe(struct bwi_page *p, size_t i, struct bwi_parking *parking)
{
	const struct bw_store_result *unused;
	enum bw_err err = BW_OK;

	if (p->probes[i] == NULL)
		return true;
	if (bwi_job_poll(p->probes[i], BW_STORE_DURABLE, &parking->waker,
		&unused, &err, NULL))
		p->away[i] = err != BW_OK;
	else if (bwi_parking_over(parking, p->until))
		p->away[i] = true;
	else
		return false;
	bw_store_write_free(p->probes[i], false);
	p->probes[i] = NULL;
	return true;
}

/* What is wrong now. */
struct found {
	size_t n;
	struct {
		const struct fault *fault;
		const struct bwi_named_store *store; /* NULL: of no store */
	} v[1 + BW_MAX_STORES * BWI_FAULT__MAX];
};

static void
add(struct found *f, enum bwi_fault which, const struct bwi_named_store *store)
{
	f->v[f->n].fault = &faults[which];
	f->v[f->n++].store = store;
}

static void
look_at_store(struct found *f, const struct bwi_named_store *s, bool away)
{
	struct bwi_store_files files;

	if (away)
		add(f, BWI_FAULT_STORE, s);
	if (away && bwi_store_handle_lacks_standby(
			s->handle, bw_monotonic_ns() + MAX_WAIT))
		add(f, BWI_FAULT_STANDBY, s);
	if (bwi_store_handle_spooled(s->handle) > 0)
		add(f, BWI_FAULT_SPOOL, s);
	bwi_store_handle_files(s->handle, &files);
	if (bwi_store_files_scarce(&files))
		add(f, BWI_FAULT_DISK, s);
}

static void
look(const struct bwi_page *p, const struct bw_config *c, struct found *f)
{
	f->n = 0;
	if (bwi_gauge(BWI_GAUGE_RELOAD_REFUSED) != 0)
		add(f, BWI_FAULT_CONFIGURATION, NULL);
	for (size_t i = 0; i < c->nstores; i++)
		look_at_store(f, &c->stores[i], p->away[i]);
}

/* A line for each: "store", or "store east" of one with an id. */
static bool
put_words(const struct found *f, struct bw_buf *b)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct bwi_named_store *s = f->v[i].store;

		if (!f->v[i].fault->listed)
			continue;
		bw_buf_puts(b, f->v[i].fault->word);
		if (s != NULL && s->id.p != NULL) {
			bw_buf_putc(b, ' ');
			bw_buf_str(b, s->id);
		}
		bw_buf_putc(b, '\n');
	}
	if (b->n > 0)
		return false;
	bw_buf_puts(b, "ok\n");
	return true;
}

static void
put_object(const struct fault *f, const struct bwi_named_store *store,
    struct bw_buf *b)
{
	bw_buf_printf(b, "{\"what\":\"%s\",", f->word);
	if (store != NULL && store->id.p != NULL) {
		bw_buf_puts(b, "\"store\":\"");
		bwi_json_quote(b, store->id);
		bw_buf_puts(b, "\",");
	}
	bw_buf_printf(b, "\"text\":\"%s\"}", f->text);
}

static bool
put_json(const struct found *f, struct bw_buf *b)
{
	bool ready = true;

	for (size_t i = 0; i < f->n; i++)
		ready = ready && !f->v[i].fault->unready;
	bw_buf_printf(b, "{\"ready\":%s,\"wrong\":[", ready ? "true" : "false");
	for (size_t i = 0; i < f->n; i++) {
		if (i > 0)
			bw_buf_putc(b, ',');
		put_object(f->v[i].fault, f->v[i].store, b);
	}
	bw_buf_puts(b, "]}\n");
	return ready;
}

static void
respond(
    struct bwi_page *p, bool well, const char *type, struct bw_response *resp)
{
	well = well && p->text.err == BW_OK;
	resp->status = well ? 200 : 503;
	resp->content_type = type;
	resp->prepared = p->text.err == BW_OK
			     ? (struct bw_str){p->text.p, p->text.n}
			     : BW_STR("memory\n");
}

bool
bwi_health_answer(struct bwi_page *p, const struct bwi_page_request *r,
    struct bwi_parking *parking, struct bw_response *resp)
{
	static const char plain[] = "text/plain; charset=utf-8";
	struct bw_str path = r->request->path, part;
	struct found found;

	(void)bwi_config_below(r->config->mount, &path);
	part = bwi_health_part(r->section->path, path);
	if (bw_str_is(part, "live")) {
		bw_buf_puts(&p->text, "ok\n");
		respond(p, true, plain, resp);
		return true;
	}
	if (!p->probing)
		begin_probes(p, r->config);
	for (size_t i = 0; i < r->config->nstores; i++) {
		if (!await_probe(p, i, parking))
			return false;
	}
	bwi_parking_slow(parking); /* a database may be asked for its standby */
	look(p, r->config, &found);
	if (bw_str_is(part, "ready"))
		respond(
		    p, put_json(&found, &p->text), "application/json", resp);
	else
		respond(p, put_words(&found, &p->text), plain, resp);
	return true;
}
