/* What is found in a rule that loads: statuses, hours, zones, dates. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <bwcallback/tools/graph.h>

#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

#define VOICE(rules) "<callbacks><voice path='/v'>" rules "</voice></callbacks>"
#define R	     "<Response><Hangup/></Response>"
#define OFFICE	     " hours='Mon-Fri 09:00-17:00' zone='America/New_York'"
#define ZONE(name)   "<on event='initiate' hours='09:00-17:00' zone='" name "'>"
#define CAL(rules) \
	"<callbacks><calendar id='days' file='days.txt' zone='UTC'/>" \
	"<calendar id='more' file='days.txt' zone='UTC'/>" \
	"<voice path='/v'>" rules "</voice></callbacks>"
#define NOW  INT64_C(1764547200000) /* 2025-12-01 */
#define ALSO "</on><on event='initiate'>" R "</on>"

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

    /* hours */
    {"calls that begin outside of the hours",
	VOICE("<on event='initiate'" OFFICE ">" R "</on>\n"
	      "<on event='answer'" OFFICE ">" R "</on>"),
	"1: <on>: initiate comes to /v and nothing answers it outside of those "
	"hours: only the fallback does; add <on event=\"initiate\"> as the "
	"last rule there\n"
	"2: <on>: answer comes to /v and nothing answers it outside of those "
	"hours: only the fallback does; add <on event=\"answer\"> as the last "
	"rule there"},
    {"any event at some hours", VOICE("<on" OFFICE ">" R "</on>"),
	"1: <on>: initiate comes to /v and nothing answers it outside of those "
	"hours: only the fallback does; add <on event=\"initiate\"> as the "
	"last rule there"},
    {"a rule for all other times",
	VOICE("<on event='initiate|answer'" OFFICE ">" R "</on>"
	      "<on event='initiate|answer'>" R "</on>"),
	""},
    {"two rules that share the week",
	VOICE("<on event='initiate'" OFFICE ">" R "</on>"
	      "<on event='initiate' hours='Mon-Fri 17:00-24:00, "
	      "Mon-Fri 00:00-09:00, Sat-Sun 00:00-24:00'"
	      " zone='America/New_York'>" R "</on>"),
	""},
    {"the same, but with other zones",
	VOICE("<on event='initiate' hours='09:00-17:00' zone='UTC'>" R "</on>"
	      "<on event='initiate' hours='17:00-09:00'"
	      " zone='America/New_York'>" R "</on>"),
	"1: <on>: initiate comes to /v and nothing answers it outside of those "
	"hours: only the fallback does; add <on event=\"initiate\"> as the "
	"last rule there"},
    {"some numbers, and hours for one of them",
	VOICE("<on event='initiate' to='+19195550101'" OFFICE ">" R "</on>"
	      "<on event='initiate' to='+1*'>" R "</on>"),
	"1: <on>: initiate comes to /v and nothing answers it when to is "
	"\"\": only the fallback does; add <on event=\"initiate\"> as the last "
	"rule there"},
    {"an order outside of the hours",
	"<callbacks><numbers path='/n'><on event='order'" OFFICE
	"><reply status='200'/></on></numbers></callbacks>",
	"1: <on>: order comes to /n and nothing answers it outside of those "
	"hours: it is acknowledged and, without a <store>, lost; add <on "
	"event=\"order\"> as the last rule there"},
    {"some messages at some hours only",
	"<callbacks><messaging path='/m'><on event='message-received' "
	"message.text='STOP'" OFFICE "><reply status='200'/></on>"
	"<on event='message-received' message.text='STOP'>"
	"<reply status='200'/></on></messaging></callbacks>",
	""},
    {"the last minute of each day",
	VOICE("<on event='initiate' hours='00:00-23:59' zone='UTC'>" R
	      "</on>\n<on event='initiate'>" R "</on>"),
	"1: <on>: hours: the minute from Sun 23:59 is in no window, since a "
	"window ends before its end: write 24:00 as the end"},
    {"the last minute of the morning",
	VOICE("<on event='initiate' hours='Mon 09:00-11:59, Mon 12:00-17:00'"
	      " zone='UTC'>" R "</on>\n<on event='initiate'>" R "</on>"),
	"1: <on>: hours: the minute from Mon 11:59 is in no window, since a "
	"window ends before its end: write 12:00 as the end"},
    {"hours that always hold",
	VOICE("<on event='initiate' hours='Mon-Sun 00:00-24:00' zone='UTC'>" R
	      "</on>\n<on event='initiate'>" R "</on>"),
	"1: <on>: hours: they always hold: leave out hours and zone\n"
	"2: <on>: never reached: the one in line 1 matches all such events: "
	"put the special case first"},
    {"hours that an earlier rule has",
	VOICE("<on event='initiate'" OFFICE ">" R "</on>\n"
	      "<on event='initiate' hours='Tue 10:00-11:00'"
	      " zone='America/New_York'>" R "</on>"
	      "<on event='initiate'>" R "</on>"),
	"2: <on>: never reached: the one in line 1 matches all such events: "
	"put the special case first"},

    /* zones */
    {"an offset", VOICE(ZONE("EST") R ALSO),
	"1: <on>: zone=\"EST\": EST has no summer time, did you mean "
	"\"America/New_York\"?"},
    {"an offset with a sign", VOICE(ZONE("Etc/GMT+5") R ALSO),
	"1: <on>: zone=\"Etc/GMT+5\": Etc/GMT+5 has no summer time, did you "
	"mean \"America/New_York\"?"},
    {"a POSIX rule", VOICE(ZONE("EST5") R ALSO),
	"1: error: <on>: zone=\"EST5\": no such time zone in "
	"/usr/share/zoneinfo (package tzdata); write a name like "
	"\"America/New_York\""},
    {"an abbreviation", VOICE(ZONE("PDT") R ALSO),
	"1: error: <on>: zone=\"PDT\": no such time zone in "
	"/usr/share/zoneinfo (package tzdata); write a name like "
	"\"America/Los_Angeles\""},
    {"no place", VOICE(ZONE("Factory") R ALSO),
	"1: <on>: zone=\"Factory\": not the time zone of a place: write a name "
	"like \"America/New_York\""},
    {"a place, and UTC", VOICE(ZONE("Asia/Tokyo") R "</on>" ZONE("UTC") R ALSO),
	""},

    /* dates */
    {"dates without the others",
	CAL("<on event='initiate' dates='!days'" OFFICE ">" R "</on>\n"
	    "<on event='initiate' dates='!days'>" R "</on>"),
	"1: <on>: initiate comes to /v and nothing answers it on the dates of "
	"\"days\": only the fallback does; add <on event=\"initiate\"> as the "
	"last rule there"},
    {"only on dates", CAL("<on event='initiate' dates='days'>" R "</on>"),
	"1: <on>: initiate comes to /v and nothing answers it on other dates "
	"than those of \"days\": only the fallback does; add <on "
	"event=\"initiate\"> as the last rule there"},
    {"on dates and on all others",
	CAL("<on event='initiate' dates='days'>" R "</on>"
	    "<on event='initiate' dates='!days'>" R "</on>"),
	""},
    {"hours on dates that are none",
	CAL("<on event='initiate' dates='days'>" R "</on>"
	    "<on event='initiate' dates='!days'" OFFICE ">" R "</on>"),
	"1: <on>: initiate comes to /v and nothing answers it outside of those "
	"hours: only the fallback does; add <on event=\"initiate\"> as the "
	"last rule there"},
    {"two calendars",
	CAL("<on event='initiate' dates='days|more'>" R "</on>"
	    "<on event='initiate' dates='!days'>" R "</on>\n"
	    "<on event='initiate' dates='more'>" R "</on>"),
	"2: <on>: never reached: the one in line 1 matches all such events: "
	"put the special case first"},
    {"a calendar that is not there",
	CAL("<on event='initiate' dates='day'>" R "</on>"),
	"1: error: <on>: dates: no <calendar id=\"day\">, did you mean "
	"\"days\"?"},
    {"a date in place of a name",
	CAL("<on event='initiate' dates='2026-12-25'>" R "</on>"),
	"1: error: <on>: dates: no <calendar id=\"2026-12-25\">: write the "
	"dates into a file, one in each line, and name it: <calendar "
	"id=\"holidays\" file=\"holidays.txt\"/>"},
    {"dates without a zone",
	"<callbacks><calendar id='days' file='days.txt'/><voice path='/v'>"
	"<on dates='!days'>" R "</on></voice></callbacks>",
	"1: error: <on>: dates: add zone=\"America/New_York\" here or to "
	"<calendar id=\"days\">"},
    {"two calendars with one name",
	"<callbacks><calendar id='days' file='days.txt'/>\n"
	"<calendar id='days' file='days.txt'/><voice path='/v'/></callbacks>",
	"2: error: <calendar>: duplicate id \"days\""},
    {"a calendar without a file",
	"<callbacks><calendar id='days' file='none.txt'/>"
	"<voice path='/v'/></callbacks>",
	"1: error: none.txt: No such file or directory"},
    {"a calendar with a fault",
	"<callbacks><calendar id='days' file='bad.txt'/>"
	"<voice path='/v'/></callbacks>",
	"1: error: bad.txt:2: the range ends before it begins"},
    {"a calendar that has ended",
	"<callbacks>\n<calendar id='days' file='old.txt' zone='UTC'/>"
	"<voice path='/v'/></callbacks>",
	"2: <calendar id=\"days\">: no date of it is within the next twelve "
	"months: add those of the next year"},
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

static void
check(const struct bw_graph *g)
{
	struct bw_error e = {0};

	(void)!bw_graph_check(g, BW_SERVER_UNKNOWN, &reporter, &e);
	bw_graph_check_dates(g, NOW, &reporter);
}

int
main(void)
{
	scratch_enter();
	scratch_write("days.txt", "2026-11-30 Last day\n");
	scratch_write("old.txt", "2025-11-30 Yesterday\n2026-12-25\n");
	scratch_write("bad.txt", "2026-11-30\n2026-12-02..2026-12-01\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_error e = {0};
		struct bw_graph *g = NULL;

		findings[0] = '\0';
		scratch_write("c.xml", rows[i].text);
		if (bw_graph_load("c.xml", &g, &reporter, &e) == BW_OK)
			check(g);
		bw_graph_free(g);
		is_str(findings, rows[i].want, "%s", rows[i].what);
	}
	return tap_done();
}
