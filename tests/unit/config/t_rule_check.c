/* What is found in a rule that loads: statuses, hours, zones, dates. */
#include <stdio.h>
#include <string.h>

#include <bwcallback/tools/graph.h>

#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

static const struct {
	const char *what;
	const char *text;
	const char *want; /* "line: text" of each warning */
} rows[] = {
    {"statuses that count as received",
	"<callbacks><numbers path='/n'><on event='order'><reply status='200'/>"
	"</on></numbers><messaging path='/m'><on><reply status='202'/></on>"
	"</messaging><voice path='/v'><on event='disconnect'>"
	"<reply status='201'/></on></voice><tollfree path='/t'><on>"
	"<reply status='204'/></on></tollfree><emergency path='/e'>"
	"<on event='calling-api'><reply status='404'/></on></emergency>"
	"</callbacks>",
	""},
    {"statuses that do not",
	"<callbacks><numbers path='/n'><on event='order'><reply status='204'/>"
	"</on>\n<on event='event'><reply status='202'/></on>\n"
	"<on event='note'><reply status='500'/></on></numbers>\n"
	"<tollfree path='/t'><on><reply status='400'/></on></tollfree>\n"
	"<voice path='/v'><on event='disconnect'><reply status='202'/></on>"
	"</voice>\n<messaging path='/m'><on event='message-received'>"
	"<reply status='503'/></on></messaging>\n<brtc path='/b'><on>"
	"<reply status='404'/></on></brtc></callbacks>",
	"1: <reply>: status=\"204\": Bandwidth takes only 200 "
	"for \"order\"; after any other status it is never sent again: write "
	"status=\"200\"\n"
	"2: <reply>: status=\"202\": Bandwidth takes only 200 "
	"for \"event\"; after any other status it is never sent again: write "
	"status=\"200\"\n"
	"3: <reply>: status=\"500\": Bandwidth takes only 2xx "
	"for \"note\"; after any other status it is never sent again: write "
	"status=\"200\"\n"
	"4: <reply>: status=\"400\": Bandwidth takes only 2xx "
	"for \"verification\"; after any other status it is never sent again: "
	"write status=\"204\"\n"
	"5: <reply>: status=\"202\": Bandwidth documents only "
	"200, 201 and 204 for \"disconnect\"; after any other status it is "
	"never sent again: write status=\"204\"\n"
	"6: <reply>: status=\"503\": Bandwidth takes only 2xx "
	"for \"message-received\"; after any other status it is sent again for "
	"24 hours and then lost: write status=\"200\"\n"
	"7: <reply>: status=\"404\": Bandwidth takes only 2xx "
	"for \"endpointConnected\"; after any other status the "
	"eventFallbackUrl "
	"gets it or, without one, it is lost: write status=\"200\""},
};

static char findings[8192];

static void
on_finding(void *arg, const struct bw_finding *f)
{
	size_t at = strlen(findings);

	(void)arg;
	snprintf(findings + at, sizeof(findings) - at, "%s%d: %s%s",
	    at != 0 ? "\n" : "", f->line,
	    f->severity == BW_SEVERITY_ERROR ? "error: " : "", f->text);
}

static const struct bw_reporter reporter = {on_finding, NULL};

int
main(void)
{
	scratch_enter();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_error e = {0};
		struct bw_graph *g = NULL;

		findings[0] = '\0';
		scratch_write("c.xml", rows[i].text);
		if (bw_graph_load("c.xml", &g, &reporter, &e) == BW_OK)
			(void)!bw_graph_check(
			    g, BW_SERVER_UNKNOWN, &reporter, &e);
		bw_graph_free(g);
		is_str(findings, rows[i].want, "%s", rows[i].what);
	}
	return tap_done();
}
