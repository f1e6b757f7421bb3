/* Graphs without memory, and reporters without a callback. */
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include <bwcallback/tools/graph.h>

#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

static const char flow[] =
    "<callbacks>\n"
    "<voice path='/v'>\n"
    "  <on event='initiate' hours='Mon 09:00-10:00' zone='UTC'><Response>\n"
    "    <Gather gatherUrl='/k' maxDigits='1' tag='a'>\n"
    "      <SpeakSentence>Press 1 &amp; wait.</SpeakSentence></Gather>\n"
    "  </Response></on>\n"
    "  <on event='initiate|redirect'><Response>\n"
    "    <Transfer transferCompleteUrl='/k'><PhoneNumber "
    "transferAnswerUrl='/x/{from}'>+19195550101</PhoneNumber></Transfer>\n"
    "  </Response></on>\n"
    "  <fallback><Response><Redirect redirectUrl='/v'/></Response>"
    "</fallback>\n"
    "</voice>\n"
    "<voice path='/k'>\n"
    "  <on event='gather' digits='1|2' tag='a'><Response>"
    "<Redirect redirectUrl='/nowhere'/></Response></on>\n"
    "  <on event='gather'><Response><Gather gatherUrl='/k'/></Response></on>\n"
    "  <on event='recordComplete'><Response/></on>\n"
    "  <on event='redirect' query.a='1'><Response>"
    "<Redirect redirectUrl='/k?b=%31&amp;a={from}'/></Response></on>\n"
    "</voice>\n"
    "</callbacks>\n";

struct seen {
	unsigned errors, warnings;
};

static void
on_finding(void *arg, const struct bw_finding *f)
{
	struct seen *seen = arg;

	if (f->severity == BW_SEVERITY_ERROR)
		seen->errors++;
	else
		seen->warnings++;
}

static void
test_memory(void)
{
	unsigned long n = 0;
	bool done = false;

	while (!done && n < 20000) {
		struct seen seen = {0, 0};
		const struct bw_reporter to = {on_finding, &seen};
		struct bw_error e = {0};
		struct bw_graph *g = NULL;
		struct bw_buf dot, svg;
		enum bw_err err;

		bw_buf_init(&dot, BW_MAX_DOT);
		bw_buf_init(&svg, BW_MAX_DOT);
		tap_fail_alloc(++n);
		err = bw_graph_load("c.xml", &g, &to, &e);
		if (err == BW_OK)
			bw_graph_dot(g, &dot);
		if (err == BW_OK && dot.err == BW_OK)
			err = bw_graph_svg(g, &svg, &e);
		done = err == BW_OK && dot.err == BW_OK;
		tap_fail_alloc(0);
		if (err != BW_OK && err != BW_ERR_NOMEM)
			ok(false, "allocation %lu: %s", n, e.msg);
		if (err == BW_OK && dot.err != BW_OK && dot.err != BW_ERR_NOMEM)
			ok(false, "allocation %lu: the picture", n);
		bw_graph_free(g);
		bw_buf_free(&dot);
		bw_buf_free(&svg);
	}
	ok(done && n > 30, "no memory, %lu times", n);
}

static void
test_check(void)
{
	struct seen seen = {0, 0};
	const struct bw_reporter to = {on_finding, &seen},
				 nobody = {NULL, NULL};
	struct bw_error e = {0};
	struct bw_graph *g = NULL;
	struct bw_buf b;

	is_int(bw_graph_load("c.xml", &g, &to, &e), BW_OK, "loaded");
	is_int(bw_graph_check(g, BW_SERVER_UNKNOWN, &to, &e), BW_ERR_CONFIG,
	    "there is an error");
	is_str(e.msg,
	    "c.xml:8: <PhoneNumber>: transferAnswerUrl=\"/x/{from}\": no "
	    "section has such a path, for any value",
	    "the first of them");
	ok(seen.errors == 3 && seen.warnings > 0, "%u errors, %u warnings",
	    seen.errors, seen.warnings);
	is_int(bw_graph_check(g, BW_SERVER_FCGID, &nobody, NULL), BW_ERR_CONFIG,
	    "without a callback");
	is_int(bw_graph_check(g, BW_SERVER_FCGID, NULL, NULL), BW_ERR_CONFIG,
	    "at all");
	bw_buf_init(&b, 100);
	bw_graph_dot(g, &b);
	is_int(b.err, BW_ERR_LIMIT, "a ceiling");
	bw_buf_reset(&b);
	is_int(bw_graph_svg(g, &b, NULL), BW_ERR_LIMIT,
	    "a ceiling of the brief picture");
	bw_buf_free(&b);
	bw_graph_free(g);
	bw_graph_free(NULL);
}

int
main(void)
{
	scratch_enter();
	scratch_write("c.xml", flow);
	is_int(bw_server_of("cgi"), BW_SERVER_CGI, "a server");
	is_int(bw_server_of("CGI"), BW_SERVER_UNKNOWN, "none");
	test_check();
	test_memory();
	xmlCleanupParser();
	return tap_done();
}
