#include "callback/refusal_count.h"
#include "base/request.h"

#include <stdatomic.h>

#include <bwcallback/tools/clock.h>

#include "store/store.h"

#define SECOND	       INT64_C(1000000000)
#define DAY_MS	       INT64_C(86400000)
#define MAX_PER_SECOND 100

/* How long the store may take, in nanoseconds; no request waits for it. */
#define STORE_TIME (5 * SECOND)

/* Is it among the first MAX_PER_SECOND of this second? */
static bool
may_count(int64_t now)
{
	static _Atomic int64_t second;
	static atomic_int counted;
	int64_t is = now / SECOND, was = atomic_load(&second);

	if (was != is && atomic_compare_exchange_strong(&second, &was, is))
		atomic_store(&counted, 0);
	return atomic_fetch_add(&counted, 1) < MAX_PER_SECOND;
}

void
bwi_refusal_count(struct bwi_store_handle *handle, const struct bwi_section *s,
    const struct bw_request *req)
{
	static const char what[] = "|refused:signature";
	int64_t now = bw_monotonic_ns();
	struct bw_store_event event = {
	    .received = bw_realtime_ms(),
	    .section = s->path,
	    .method = req->method_name,
	    .family = BW_STR(BWI_STORE_REFUSED),
	    .type = BW_STR("signature"),
	    .body = BW_STR(""),
	    .batch = 1,
	    .window = DAY_MS,
	    .claim = 1,
	};
	struct bw_store_write *pending = NULL;
	struct bw_store *store = NULL;
	struct bw_buf key;

	if (handle == NULL || !may_count(now))
		return;
	bw_buf_init(&key, s->path.n + sizeof(what));
	bw_buf_str(&key, s->path);
	bw_buf_puts(&key, what);
	event.key = (struct bw_str){key.p, key.n};
	if (key.err == BW_OK &&
	    bwi_store_handle_store(handle, &store, NULL) == BW_OK &&
	    bw_store_write_begin(
		store, &event, 1, now + STORE_TIME, &pending, NULL) == BW_OK)
		bw_store_write_free(pending, false);
	bw_buf_free(&key);
}
