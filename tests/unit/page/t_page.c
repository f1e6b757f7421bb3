/* The pages of the operator: their text, and what is left without memory. */
#include <string.h>

#include <bwcallback/config.h>
#include <bwcallback/tools/operation.h>

#include "base/counter.h"
#include "base/request.h"
#include "callback/callback.h"
#include "page/exposition.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

/* The value of a label, and how it is written. */
static const struct {
	const char *value;
	size_t n;
	const char *text;
} values[] = {
    {"/voice", 6, "m_total{l=\"/voice\"} 7\n"},
    {"", 0, "m_total{l=\"\"} 7\n"},
    {"a\"b\\c\nd", 7, "m_total{l=\"a\\\"b\\\\c\\nd\"} 7\n"},
    {"\xc3\xa9\xe2\x82\xac", 5, "m_total{l=\"\xc3\xa9\xe2\x82\xac\"} 7\n"},
    {"a\xff\xc3z\xc3\xa9", 6, "m_total{l=\"a\\\\xff\\\\xc3z\xc3\xa9\"} 7\n"},
    {"\xe2\x82", 2, "m_total{l=\"\\\\xe2\\\\x82\"} 7\n"},
};

static const struct {
	int64_t ns;
	const char *text;
} times[] = {
    {0, "0.0"},
    {1, "0.000000001"},
    {1000000, "0.001"},
    {450000000, "0.45"},
    {1000000000, "1.0"},
    {10000000000, "10.0"},
    {1796027373255000000, "1796027373.255"},
};

static void
test_values(void)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct bwi_label label = {"l", {values[i].value, values[i].n}};
		struct bw_buf b;
		struct bwi_exposition x = {.out = &b, .openmetrics = true};

		bw_buf_init(&b, 4096);
		bwi_exposition_metric(&x, "m", BWI_METRIC_COUNTER, "Help.");
		bw_buf_reset(&b);
		bwi_exposition_number(&x, "", &label, 1, 7);
		bw_buf_putc(&b, '\0');
		is_str(b.p, values[i].text, "value %zu", i);
		bw_buf_free(&b);
	}
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct bw_buf b;

		bw_buf_init(&b, 64);
		bwi_exposition_put_seconds(&b, times[i].ns);
		bw_buf_putc(&b, '\0');
		is_str(b.p, times[i].text, "%s seconds", times[i].text);
		bw_buf_free(&b);
	}
}

/* The description of a counter in both formats, and their ends. */
static void
test_formats(void)
{
	static const char *const want[] = {
	    "# HELP m_total Help.\n# TYPE m_total counter\n"
	    "m_total 1\n",
	    "# HELP m Help.\n# TYPE m counter\nm_total 1\n# EOF\n",
	};

	for (int i = 0; i < 2; i++) {
		struct bw_buf b;
		struct bwi_exposition x = {.out = &b, .openmetrics = i == 1};

		bw_buf_init(&b, 4096);
		bwi_exposition_metric(&x, "m", BWI_METRIC_COUNTER, "Help.");
		bwi_exposition_number(&x, "", NULL, 0, 1);
		bwi_exposition_end(&x);
		bw_buf_putc(&b, '\0');
		is_str(b.p, want[i], "format %d", i);
		bw_buf_free(&b);
	}
}

/* One answer in which the nth allocation fails; false when none did. */
static bool
answer(struct bw_config *config, const char *path, unsigned long nth)
{
	struct bw_callback_context *w = bw_callback_context_new();
	struct bw_response *resp = bw_response_new();
	const struct bw_request req = {.method = BW_METHOD_GET,
	    .method_name = BW_STR("GET"),
	    .path = {path, strlen(path)},
	    .query = BW_STR("type=a"),
	    .remote_addr = BW_STR("127.0.0.1"),
	    .content_length = -1};
	bool failed = false;
	int status = 0;

	if (w != NULL && resp != NULL) {
		tap_fail_alloc(nth);
		bwi_callback_rehearse(
		    w, config, NULL, BW_STR("ops"), true, &req, resp);
		failed = tap_alloc_count() >= nth;
		tap_fail_alloc(0);
		status = bw_response_status(resp);
		ok(bw_response_body(resp).n > 0, "%s says something", path);
	}
	ok(status == 200 || (failed && status == 503),
	    "%s: allocation %lu fails: %d", path, nth, status);
	bw_response_free(resp);
	bw_callback_context_free(w);
	return failed;
}

static void
test_memory(void)
{
	static const char *const paths[] = {
	    "/metrics", "/health", "/_i/events"};
	struct bw_config *config = NULL;

	scratch_write("passwd",
	    "u:$2y$10$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK\n");
	scratch_write("c.xml",
	    "<callbacks><store url='mem:'/><voice path='/v'/>"
	    "<credentials id='c' file='passwd'/>"
	    "<metrics path='/metrics' credentials='c'/>"
	    "<health path='/health'/>"
	    "<inspector path='/_i' credentials='c'/></callbacks>");
	if (!ok(bw_config_load("c.xml", &config, NULL, NULL) == BW_OK, "loads"))
		return;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		unsigned long nth = 1;

		while (answer(config, paths[i], nth))
			nth++;
	}
	bw_config_unref(config);
}

/* A reload is what <health> says of the configuration. */
static void
test_reload(void)
{
	ok(bwi_gauge(BWI_GAUGE_STARTED) == 0, "not started");
	bw_operation_started();
	ok(bwi_gauge(BWI_GAUGE_STARTED) > 0, "started");
	bw_operation_reloaded(false);
	is_int(bwi_gauge(BWI_GAUGE_RELOAD_REFUSED), 1, "refused");
	bw_operation_reloaded(true);
	is_int(bwi_gauge(BWI_GAUGE_RELOAD_REFUSED), 0, "taken");
	is_int((long long)bwi_counted(BWI_COUNT_CONFIG_RELOADS_TAKEN), 1,
	    "counted");
}

int
main(void)
{
	scratch_enter();
	test_values();
	test_formats();
	test_memory();
	test_reload();
	return tap_done();
}
