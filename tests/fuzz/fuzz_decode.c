/*
 * Bodies and all accessors of their events. The same bytes are used as a body
 * and as a query string, with each hint.
 */
#include <stdlib.h>

#include "fuzz.h"

static void
check_event(const struct bw_event *e)
{
	struct bw_buf key, json;
	struct bw_str value;
	struct bwi_tree t;

	bw_buf_init(&key, 1 << 20);
	bw_buf_init(&json, 1 << 24);
	bwi_tree_init(&t);
	bw_event_key(e, &key);
	if (key.err != BW_OK || bw_event_name(e).n == 0 ||
	    (key.n == 0) != (bw_event_row(e)->key[0] == '\0'))
		abort();
	for (size_t i = 0; i < key.n; i++) {
		if ((unsigned char)key.p[i] <= ' ')
			abort();
	}
	(void)bw_event_get(e, BW_STR("message.to.1"), &value);
	(void)bw_event_get(e, BW_STR("Notification.a.0.@b"), &value);
	/* Our own output can be decoded, unless escapes make it too large. */
	if (bw_event_json(e, &json) != BW_OK ||
	    (json.n <= BW_MAX_BODY &&
		bwi_json_parse(&t, (struct bw_str){json.p, json.n}, NULL) !=
		    BW_OK &&
		t.n < BW_MAX_DEPTH))
		abort();
	bwi_tree_free(&t);
	bw_buf_free(&key);
	bw_buf_free(&json);
}

static void
check_input(struct bw_decoder *d, const struct bw_payload *in)
{
	const struct bw_event *const *events;
	struct bw_error error = {0};
	size_t n;
	enum bw_err err = bw_decode(d, in, &events, &n, &error);

	fuzz_check_error(err, &error);
	if (err != BW_OK && n != 0)
		abort();
	for (size_t i = 0; i < n; i++)
		check_event(events[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const types[] = {
	    "", "text/xml", "application/x-www-form-urlencoded"};
	struct bw_decoder *d = bw_decoder_new();
	struct bw_str bytes = {(const char *)p, n};
	unsigned choice = n > 0 ? p[n / 2] : 0;
	const char *type = types[choice % 3];
	struct bw_payload in = {
	    .body = bytes,
	    .query = bytes,
	    .content_type = {type, strlen(type)},
	    .hint = (enum bw_family)(choice % (BW_FAMILY__MAX + 1)),
	};

	if (d == NULL)
		return 0;
	check_input(d, &in);
	in.get = true;
	check_input(d, &in);
	bw_decoder_free(d);
	return 0;
}
