/* How an answer was made: what is written is what is read. */
#include "flow/trace.h"

#include <string.h>

#include <bwcallback/store.h>
#include <bwcallback/tools/config.h>
#include <bwcallback/tools/trace.h>

#include "tests/tap/tap.h"

static const struct bw_rule rule = {.file = "a \"b\"/c.xml", .line = 121};

/* Write, and read again. The text belongs to the buffer. */
static struct bw_str
round_trip(struct bw_buf *b, const struct bw_response *resp,
    const struct bwi_steps *steps, struct bw_trace *t)
{
	struct bw_str json = bwi_trace_write(b, resp, steps);

	is_int(bw_trace_read(json, t), BW_OK, "it is read");
	return json;
}

static void
test_all(void)
{
	struct bwi_steps steps = {
	    .took = {[BWI_TIMED_PROGRAM] = 1234567, [BWI_TIMED_DECODE] = 999}};
	struct bw_response resp = {
	    .rule = &rule,
	    .worked = {.program = BW_STR("./look \"up\""),
		.result = {BW_PROCESS_EXITED, 3},
		.said = BW_STR("one \\ \"two\"\n\xc3\xa9"),
		.check = BW_STR("3:5: error: <x>\n4:1: warning: y")},
	    .why = {.code = BW_ERR_PROGRAM, .msg = "exit status 3: \"two\""},
	};
	struct bw_trace t;
	struct bw_buf b;

	bw_buf_init(&b, BW_STORE_MAX_TRACE);
	(void)round_trip(&b, &resp, &steps, &t);
	is_text(t.rule, "a \"b\"/c.xml:121", "rule");
	is_text(t.error, "PROGRAM", "error");
	is_text(t.text, "exit status 3: \"two\"", "sentence");
	is_text(t.program, "./look \"up\"", "program");
	is_int(t.exit, 3, "exit status");
	is_int(t.signal, -1, "no signal");
	is_text(t.said, "one \\ \"two\"\n\xc3\xa9", "its words");
	is_text(t.check, "3:5: error: <x>\n4:1: warning: y", "findings");
	is_int((long long)t.nsteps, 1, "a step of less than 1 us is left out");
	is_text(t.steps[0].name, "program", "the other step");
	is_int(t.steps[0].us, 1234, "its time");
	bw_trace_free(&t);
	bw_buf_free(&b);
}

/* Nothing is known but times; the buffer held something else before. */
static void
test_little(void)
{
	struct bwi_steps steps = {.took = {0}};
	struct bw_response resp = {.status = 200};
	struct bw_trace t;
	struct bw_buf b;

	bw_buf_init(&b, BW_STORE_MAX_TRACE);
	bw_buf_puts(&b, "old");
	is_text(round_trip(&b, &resp, &steps, &t), "{\"us\":{}}", "little");
	ok(t.rule.p == NULL && t.error.p == NULL && t.program.p == NULL &&
		t.said.p == NULL && t.check.p == NULL && t.exit == -1 &&
		t.signal == -1 && t.nsteps == 0,
	    "all is absent");
	bw_trace_free(&t);
	bw_buf_free(&b);
}

/* Too much: words and findings are left out, not cut. */
static void
test_long(void)
{
	static char many[BW_STORE_MAX_TRACE];
	struct bwi_steps steps = {.took = {0}};
	struct bw_response resp = {
	    .worked = {.program = BW_STR("p"),
		.result = {BW_PROCESS_SIGNALED, 9},
		.said = {many, sizeof(many)},
		.check = {many, sizeof(many)}},
	    .why = {.code = BW_ERR_BXML, .msg = "why"},
	};
	struct bw_trace t;
	struct bw_buf b;

	memset(many, 1, sizeof(many)); /* each byte becomes six */
	bw_buf_init(&b, BW_STORE_MAX_TRACE);
	(void)round_trip(&b, &resp, &steps, &t);
	ok(t.said.p == NULL && t.check.p == NULL, "no words, no findings");
	is_text(t.text, "why", "but the sentence");
	is_int(t.signal, 9, "and the signal");
	bw_trace_free(&t);
	bw_buf_free(&b);
}

/* A trace of another version, or a damaged one. */
static void
test_others(void)
{
	static const struct {
		const char *json;
		enum bw_err err;
	} rows[] = {
	    {"", BW_ERR_SYNTAX},
	    {"{\"rule\":", BW_ERR_SYNTAX},
	    {"[]", BW_OK},
	    {"{\"rule\":7,\"error\":{},\"program\":\"x\",\"us\":[1,2]}", BW_OK},
	    {"{\"program\":{\"exit\":-1,\"signal\":99999999999},\"us\":9}",
		BW_OK},
	    {"{\"us\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,"
	     "\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,"
	     "\"p\":1,\"q\":1,\"r\":1}}",
		BW_OK},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_str json = {rows[i].json, strlen(rows[i].json)};
		struct bw_trace t;

		is_int(bw_trace_read(json, &t), rows[i].err, "%s", json.p);
		ok(t.rule.p == NULL && t.error.p == NULL && t.exit == -1 &&
			t.signal == -1 && t.nsteps <= BW_TRACE_MAX_STEPS,
		    "nothing that is not there");
		bw_trace_free(&t);
	}
}

static void
test_no_memory(void)
{
	struct bwi_steps steps = {.took = {0}};
	struct bw_response resp = {.rule = &rule};
	struct bw_str json = BW_STR("{\"rule\":\"a\\u0041\",\"us\":{\"b\":1}}");
	struct bw_trace t;
	struct bw_buf b;
	enum bw_err err = BW_ERR_NOMEM;

	bw_buf_init(&b, BW_STORE_MAX_TRACE);
	tap_fail_alloc(1);
	is_text(bwi_trace_write(&b, &resp, &steps), NULL, "not written");
	tap_fail_alloc(0);
	bw_buf_free(&b);
	for (unsigned long n = 1; err == BW_ERR_NOMEM; n++) {
		tap_fail_alloc(n);
		err = bw_trace_read(json, &t);
		tap_fail_alloc(0);
		ok(err == BW_OK || err == BW_ERR_NOMEM, "allocation %lu", n);
		if (err == BW_OK)
			is_text(t.rule, "aA", "in the end it is read");
		bw_trace_free(&t);
	}
}

int
main(void)
{
	test_all();
	test_little();
	test_long();
	test_others();
	test_no_memory();
	return tap_done();
}
