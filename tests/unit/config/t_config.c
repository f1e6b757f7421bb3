/* Findings in a configuration: their file, line and text. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bwcallback/config.h>

#include "flow/flow.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

#define VOICE(rules)	  "<callbacks><voice path='/v'>" rules "</voice></callbacks>"
#define ON(attrs, answer) VOICE("<on " attrs ">" answer "</on>")
#define RESPONSE(verbs)	  ON("event='initiate'", "<Response>" verbs "</Response>")
#define MESSAGES(rules) \
	"<callbacks><messaging path='/m'>" rules "</messaging></callbacks>"
#define PORTOUT(rules) \
	"<callbacks><portout path='/p'>" rules "</portout></callbacks>"
#define CREDS "<credentials id='main' file='passwd'/>"
#define TABLE "<table id='staff' file='staff.csv' key='digit'/>"
#define LOGIN \
	"<login url='https://cb.example.com' user='u' password-file='pw'/>"
#define SECTIONS \
	"login, store, credentials, table, calendar, voice, messaging, mfa, " \
	"numbers, " \
	"portout, " \
	"porting, enduser, tollfree, brtc, emergency, metrics, health, " \
	"inspector"
#define WAITS \
	"<on>: the call waits for BXML after \"%s\": answer with <Response>, " \
	"or name only events that need none"

/* want: "file:line[:column]: severity: text" of each finding, one per line. */
static const struct {
	const char *what;
	const char *text;
	const char *want;
} rows[] = {
    {"the smallest", VOICE(""), ""},
    {"nothing at all", "", "c.xml:1:1: error: the document is empty"},
    {"no section", "<callbacks/>",
	"c.xml:1: error: <callbacks>: no sections, so no callback would be "
	"answered"},
    {"no section but a page", "<callbacks><health path='/h'/></callbacks>",
	"c.xml:1: error: <callbacks>: no sections, so no callback would be "
	"answered"},
    {"pages",
	"<callbacks><credentials id='c' file='passwd'/><voice path='/v'/>"
	"<metrics path='/m' credentials='c'/><health path='/h'/></callbacks>",
	""},
    {"metrics for anybody",
	"<callbacks><voice path='/v'/><metrics path='/m'/></callbacks>",
	"c.xml:1: error: <metrics>: the attribute \"credentials\" is missing"},
    {"rules of a page",
	"<callbacks><voice path='/v'/>\n<health path='/h'><on/></health>"
	"</callbacks>",
	"c.xml:2: error: <on>: not allowed in <health>; none is allowed"},
    {"a path of two sections",
	"<callbacks><voice path='/v'/>\n<health path='/v'/></callbacks>",
	"c.xml:2: error: <health>: duplicate path \"/v\", also of <voice>: "
	"put all <on> of a path into one section"},
    {"a byte-order mark and CRLF",
	"\xef\xbb\xbf<callbacks>\r\n<voice path='/v'/>\r\n</callbacks>\r\n",
	""},
    {"another root", "<config/>",
	"c.xml:1: error: <config>: the root of a configuration is "
	"<callbacks>"},
    {"not well-formed", "<callbacks>\n  <voice path='/v'>\n</callbacks>",
	"c.xml:3:1: error: <voice> of line 2 is not closed, write </voice> "
	"before </callbacks>"},
    {"an entity", "<callbacks>&x;</callbacks>",
	"c.xml:1:12: error: &x; is not defined, write &amp; if it is a bare "
	"'&'"},
    {"a document type", "<!DOCTYPE callbacks [<!ENTITY a 'b'>]>\n<callbacks/>",
	"c.xml:1: error: a document type declaration is not allowed: remove "
	"<!DOCTYPE>"},
    {"a wrong character", "<callbacks>\n\xff</callbacks>",
	"c.xml:2:1: error: not UTF-8, save the file in that encoding"},

    /* structure */
    {"an unknown element", "<callbacks>\n<vault url='sqlite:x'/></callbacks>",
	"c.xml:2: error: <vault>: not allowed in <callbacks>; "
	"allowed: " SECTIONS},
    {"an element nearly right", "<callbacks>\n<voise path='/v'/></callbacks>",
	"c.xml:2: error: <voise>: not allowed in <callbacks>, did you mean "
	"\"voice\"?; allowed: " SECTIONS},
    {"a namespace", "<callbacks><voice xmlns='x' path='/v'/></callbacks>",
	"c.xml:1: error: <voice>: namespaces are not allowed: remove the xmlns "
	"or the prefix"},
    {"an attribute nearly right", "<callbacks><voice pth='/v'/></callbacks>",
	"c.xml:1: error: <voice>: unknown attribute \"pth\", did you mean "
	"\"path\"?; allowed: path, credentials, store, deadline\n"
	"c.xml:1: error: <voice>: the attribute \"path\" is missing"},
    {"a wrong word",
	"<callbacks><portout path='/p' on-error='ask'/></callbacks>",
	"c.xml:1: error: <portout>: on-error=\"ask\": write \"deny\" or "
	"\"allow\""},
    {"no answer", ON("", ""),
	"c.xml:1: error: <on>: empty; allowed: Response, reply, exec, "
	"module"},
    {"two answers", ON("", "<Response/>\n<reply status='200'/>"),
	"c.xml:2: error: <reply>: duplicate in <on>, the first is <Response> "
	"in line 1"},
    {"two fallbacks",
	VOICE("<fallback><Response/></fallback>"
	      "<fallback><Response/></fallback>"),
	"c.xml:1: error: <fallback>: duplicate in <voice>, the first is "
	"<fallback> in line 1"},
    {"two logins", "<callbacks>" LOGIN LOGIN "</callbacks>",
	"c.xml:1: error: <login>: duplicate in <callbacks>, the first is "
	"<login> in line 1"},
    {"text where none belongs", VOICE("hello"),
	"c.xml:1: error: <voice>: text is not allowed in it"},
    {"BXML for messages", MESSAGES("<on><Response/></on>"),
	"c.xml:1: error: <Response>: not allowed in <on>; allowed: reply, "
	"exec, module\n"
	"c.xml:1: error: <on>: empty; allowed: reply, exec, module"},
    {"a fallback for messages", MESSAGES("<fallback><Response/></fallback>"),
	"c.xml:1: error: <fallback>: not allowed in <messaging>; allowed: on"},
    {"a verdict for a call", ON("", "<portable/>"),
	"c.xml:1: error: <portable>: not allowed in <on>; allowed: Response, "
	"reply, exec, module\n"
	"c.xml:1: error: <on>: empty; allowed: Response, reply, exec, "
	"module"},
    {"a key file for a call",
	"<callbacks><voice path='/v' hmac-key-file='k'/></callbacks>",
	"c.xml:1: error: <voice>: unknown attribute \"hmac-key-file\"; "
	"allowed: path, credentials, store, deadline"},
    {"xml:base on a rule", ON("xml:base='x'", "<Response/>"),
	"c.xml:1: error: <on>: unknown attribute \"base\"; allowed: event, "
	"hours, zone, dates"},

    /* references */
    {"the same path twice",
	"<callbacks><voice path='/v'/>\n<numbers path='/v'/></callbacks>",
	"c.xml:2: error: <numbers>: duplicate path \"/v\", also of <voice>: "
	"put all <on> of a path into one section"},
    {"an invalid path",
	"<callbacks><voice path='v'/><voice path='/a b'/><voice path='/a?b'/>"
	"<voice path='//a'/><voice path=''/></callbacks>",
	"c.xml:1: error: <voice>: path: write it as \"/voice\": from a slash, "
	"without spaces, \"//\", \"?\" and \"#\"\n"
	"c.xml:1: error: <voice>: path: write it as \"/voice\": from a slash, "
	"without spaces, \"//\", \"?\" and \"#\"\n"
	"c.xml:1: error: <voice>: path: write it as \"/voice\": from a slash, "
	"without spaces, \"//\", \"?\" and \"#\"\n"
	"c.xml:1: error: <voice>: path: write it as \"/voice\": from a slash, "
	"without spaces, \"//\", \"?\" and \"#\"\n"
	"c.xml:1: error: <voice>: path: write it as \"/voice\": from a slash, "
	"without spaces, \"//\", \"?\" and \"#\""},
    {"an invalid mount point",
	"<callbacks mount='bw'><voice path='/v'/>"
	"</callbacks>",
	"c.xml:1: error: <callbacks>: mount: write it as \"/bw\""},
    {"credentials after their use",
	"<callbacks><voice path='/v' "
	"credentials='main'/>" CREDS "</callbacks>",
	""},
    {"unknown credentials",
	"<callbacks>" CREDS "\n<voice path='/v' credentials='mian'/>"
	"</callbacks>",
	"c.xml:2: error: <voice>: no <credentials id=\"mian\">, did you mean "
	"\"main\"?"},
    {"credentials twice",
	"<callbacks>" CREDS "\n" CREDS "<voice path='/v'/></callbacks>",
	"c.xml:2: error: <credentials>: duplicate id \"main\""},
    {"no password file",
	"<callbacks><credentials id='a' file='none'/><voice path='/v' "
	"credentials='a'/></callbacks>",
	"c.xml:1: error: none: No such file or directory"},
    {"a table twice",
	"<callbacks>" TABLE "\n" TABLE "<voice path='/v'/></callbacks>",
	"c.xml:2: error: <table>: duplicate id \"staff\""},
    {"an invalid id",
	"<callbacks><table id='a b' file='staff.csv' key='digit'/>"
	"<voice path='/v'/></callbacks>",
	"c.xml:1: error: <table>: id: write letters, digits, \"-\" and \"_\""},
    {"a table that is wrong",
	"<callbacks><table id='t' file='bad.csv' key='k'/><voice path='/v'>"
	"<on event='gather'><Response><SpeakSentence>{t[digits].v}"
	"</SpeakSentence></Response></on></voice></callbacks>",
	"c.xml:1: error: bad.csv:2: 1 fields, but 2 columns"},
    {"a login with no password",
	"<callbacks><login url='https://x.example.com' user='u' "
	"password-file='empty'/><voice path='/v'/></callbacks>",
	"c.xml:1: error: <login>: empty: the first line must be the password, "
	"of 1 to 1024 bytes and without control characters"},
    {"a login with a password that XML cannot carry",
	"<callbacks><login url='https://x.example.com' user='u' "
	"password-file='binary'/><voice path='/v'/></callbacks>",
	"c.xml:1: error: <login>: binary: the first line must be the password, "
	"of 1 to 1024 bytes and without control characters"},
    {"a login without a valid URL",
	"<callbacks><login url='/x' user='u' password-file='pw'/>"
	"<voice path='/v'/></callbacks>",
	"c.xml:1: error: <login>: url: write the beginning of this server's "
	"URLs, like \"https://callbacks.example.com\""},
    {"a login without a user",
	"<callbacks><login url='https://x' user='a:b' password-file='pw'/>"
	"<voice path='/v'/></callbacks>",
	"c.xml:1: error: <login>: user: a name without \":\" (RFC 7617)"},
    {"no key file",
	"<callbacks><tollfree path='/t' hmac-key-file='none'/></callbacks>",
	"c.xml:1: error: none: No such file or directory"},
    {"deadlines",
	"<callbacks><voice path='/a' deadline='5'/>\n<voice path='/b' "
	"deadline='26s'/>\n<voice path='/c' deadline='0s'/>\n<emergency "
	"path='/d' deadline='450ms'/>\n<emergency path='/e' "
	"deadline='451ms'/>\n<messaging path='/f' deadline='-1s'/></callbacks>",
	"c.xml:1: error: <voice>: deadline: write a time as \"8s\" or "
	"\"450ms\"\n"
	"c.xml:2: error: <voice>: deadline: at most 25000 ms are allowed\n"
	"c.xml:3: error: <voice>: deadline: write a time as \"8s\" or "
	"\"450ms\"\n"
	"c.xml:5: error: <emergency>: deadline: at most 450 ms are allowed\n"
	"c.xml:6: error: <messaging>: deadline: write a time as \"8s\" or "
	"\"450ms\""},

    /* rules */
    {"an event nearly right", ON("event='gahter'", "<Response/>"),
	"c.xml:1: warning: <on>: event=\"gahter\": unknown event type, did you "
	"mean \"gather\"?"},
    {"one event of three", ON("event='answer|xyzzy|gather'", "<Response/>"),
	"c.xml:1: warning: <on>: event=\"xyzzy\": unknown event type"},
    {"events by a pattern", ON("event='transfer*'", "<Response/>"), ""},
    {"an event's other name", ON("event='recordingComplete'", "<Response/>"),
	"c.xml:1: error: <on>: event=\"recordingComplete\": write it as "
	"\"recordComplete\""},
    {"a rule after one that matches all",
	VOICE("<on event='gather'><Response/></on>\n"
	      "<on event='gather' digits='1'><Response/></on>"),
	"c.xml:2: warning: <on>: never reached: the one in line 1 matches all "
	"such events: put the special case first"},
    {"a rule after a pattern",
	VOICE("<on event='*er'><Response/></on>\n"
	      "<on event='gather|answer'><Response/></on>"),
	"c.xml:2: warning: <on>: never reached: the one in line 1 matches all "
	"such events: put the special case first"},
    {"a rule after one for some",
	VOICE("<on event='gather' digits='1'><Response/></on>"
	      "<on event='answer'><Response/></on>"
	      "<on event='gather|answer'><Response/></on>"
	      "<on event='gather' hours='09:00-17:00' zone='UTC'><Response/>"
	      "</on>"),
	"c.xml:1: warning: <on>: never reached: the one in line 1 matches all "
	"such events: put the special case first"},
    {"hours without a zone",
	ON("event='answer' hours='Mon 09:00-10:00'", "<Response/>"),
	"c.xml:1: error: <on>: hours and zone go together: hours=\"Mon-Fri "
	"09:00-17:00\" zone=\"America/New_York\""},
    {"invalid hours", ON("hours='always' zone='UTC'", "<Response/>"),
	"c.xml:1: error: hours: write each window as days and times, like "
	"\"Mon-Fri 09:00-17:00\""},
    {"an unknown zone",
	ON("hours='09:00-10:00' zone='America/New_Yrk'", "<Response/>"),
	"c.xml:1: error: <on>: zone=\"America/New_Yrk\": no such time zone in "
	"/usr/share/zoneinfo (package tzdata); write a name like "
	"\"America/New_York\""},
    {"a zone that is a path",
	ON("hours='09:00-10:00' zone='../../etc/passwd'", "<Response/>"),
	"c.xml:1: error: time zone: write a name like \"America/New_York\""},

    /* answers */
    {"an unknown verb", RESPONSE("\n<Speak/>"),
	"c.xml:2: error: <Speak>: unknown verb"},
    {"a brace in the text", RESPONSE("<SpeakSentence>\na { b</SpeakSentence>"),
	"c.xml:2: error: \"{\" is unmatched: write \"{{\" for a brace in the "
	"text"},
    {"an unknown table",
	"<callbacks>" TABLE
	"<voice path='/v'><on event='answer'><Response><Transfer>"
	"<PhoneNumber>{stuff[digits].phone}</PhoneNumber></Transfer>"
	"</Response></on></voice></callbacks>",
	"c.xml:1: error: {stuff[digits].phone}: no <table id=\"stuff\">, did "
	"you mean \"staff\"?"},
    {"a host by the caller",
	RESPONSE("<Redirect redirectUrl='https://{from}/x'/>"),
	"c.xml:1: error: a value from an event would choose the host: put "
	"\"/\", \"?\" or \"#\" between the host and {...}"},
    {"a SIP host by the caller",
	RESPONSE("<Transfer><SipUri>sip:a@{from}</SipUri></Transfer>"),
	"c.xml:1: error: a value from an event may stand only before the \"@\" "
	"of a \"sip:user@host\" URI, or after the \";\" or \"?\" that ends the "
	"host"},
    {"a Forward to a number from the event",
	RESPONSE("<Forward to='{diversion.origTo|e164}'/>"), ""},
    {"a placeholder in a fallback",
	VOICE("<fallback>\n<Response><SpeakSentence>{from}</SpeakSentence>"
	      "</Response></fallback>"),
	"c.xml:2: error: <fallback>: {...} is not allowed: values may be "
	"missing when it is sent"},
    {"BXML for an event that expects a status",
	ON("event='disconnect'", "<Response/>"),
	"c.xml:1: warning: <on>: these events get a status only: the "
	"<Response> is not sent"},
    {"a status where BXML is waited for",
	ON("event='disconnect|gather'", "<reply status='200'/>"),
	"c.xml:1: error: <on>: the call waits for BXML after \"gather\": "
	"answer with <Response>, or name only events that need none"},
    {"an error where BXML is waited for",
	ON("event='gather'", "<reply status='503'/>"),
	"c.xml:1: warning: <reply>: status=\"503\": Bandwidth takes only 200 "
	"for \"gather\"; after any other status the fallback URL is asked or, "
	"without one, the call ends: answer with <Response>"},
    {"redirects and challenges",
	MESSAGES("<on event='dlr'><reply status='302'/></on>\n"
		 "<on event='message-sent'><reply status='401'/></on>\n"
		 "<on event='message-read'><reply status='199'/></on>\n"
		 "<on event='message-failed'><reply status='2OO'/></on>"),
	"c.xml:1: error: <reply>: status: Bandwidth does not follow redirects: "
	"return the answer itself\n"
	"c.xml:2: error: <reply>: status: reserved for authentication: use the "
	"section's credentials\n"
	"c.xml:3: error: <reply>: status: write a status from 200 to 299 or "
	"400 to 599\n"
	"c.xml:4: error: <reply>: status: write a status from 200 to 299 or "
	"400 to 599"},
    {"a body where there is none",
	MESSAGES("<on><reply status='204'>x</reply></on>"),
	"c.xml:1: error: <reply>: a 204 has no body: remove the text, or write "
	"status=\"200\""},
    {"an invalid type",
	MESSAGES("<on><reply status='200' type='plain'>x</reply></on>"),
	"c.xml:1: error: <reply>: type: write it as \"text/plain\""},
    {"a header in a type",
	MESSAGES("<on><reply status='200' type='a/b&#13;&#10;c: d'>x</reply>"
		 "</on>"),
	"c.xml:1: error: <reply>: type: write it as \"text/plain\""},
    {"a value in a type without an escaping",
	MESSAGES("<on><reply status='200' type='image/png'>{to}</reply></on>"),
	"c.xml:1: error: <reply>: type=\"image/png\": {...} can be escaped for "
	"text/plain, text/html, JSON and XML only"},
    {"JSON with single braces",
	MESSAGES("<on><reply status='200' type='application/json'>{\"a\":1}"
		 "</reply></on>"),
	"c.xml:1: error: {\"a\":1}: not the name of an event's field; write "
	"{field}, {field|filter} or {table[field].column}, and \"{{\" for a "
	"brace in the text"},
    {"no program", ON("event='gather'", "<exec program='none'/>"),
	"c.xml:1: error: <exec>: program: ./none: no such file"},
    {"a program that cannot run",
	ON("event='gather'", "<exec program='staff.csv'/>"),
	"c.xml:1: error: <exec>: program: ./staff.csv: not executable: chmod "
	"+x "
	"it"},
    {"a program with too much time",
	ON("event='gather'", "<exec program='prog' timeout='9s'/>"),
	"c.xml:1: error: <exec>: timeout: at most 8000 ms are allowed"},
    {"subscribers without a source", PORTOUT("<subscribers/>"),
	"c.xml:1: error: <subscribers>: write file=\"subscribers.csv\", or "
	"sqlite=\"subscribers.db\" and query=\"SELECT ... WHERE number = "
	"?1\""},
    {"subscribers with two sources",
	PORTOUT("<subscribers file='staff.csv' sqlite='x' query='y'/>"),
	"c.xml:1: error: <subscribers>: write file=\"subscribers.csv\", or "
	"sqlite=\"subscribers.db\" and query=\"SELECT ... WHERE number = "
	"?1\""},
    {"subscribers of another kind", PORTOUT("<subscribers file='staff.csv'/>"),
	"c.xml:1: error: staff.csv: no column \"account\": the first line "
	"names the columns"},
    {"nothing required",
	PORTOUT("<subscribers file='staff.csv' require='status'/>"),
	"c.xml:1: error: <subscribers>: require: write at least one of "
	"account, pin, zip and name, or every request is allowed"},
    {"something else required",
	PORTOUT("<subscribers file='staff.csv' require='pim zip'/>"),
	"c.xml:1: error: <subscribers>: require: \"pim\" is not allowed here, "
	"did you mean \"pin\"?"},
    {"no velocity", PORTOUT("<subscribers file='staff.csv' velocity='0'/>"),
	"c.xml:1: error: <subscribers>: velocity: write a number from 1 to "
	"1000"},
    {"a way past the subscribers",
	PORTOUT("<subscribers file='staff.csv'/><on PON='x'><portable/></on>"),
	"c.xml:1: error: <portable>: beside <subscribers> an <on> can only "
	"<deny>: it would allow port-outs that the data refuse\n"
	"c.xml:1: error: staff.csv: no column \"account\": the first line "
	"names the columns"},
    {"a notify program that does not exist",
	PORTOUT("<notify program='nobody'/>"),
	"c.xml:1: error: <notify>: program: ./nobody: no such file"},
    {"codes that allow the port-out",
	PORTOUT("<on event='validation'><deny code='7599'/></on>\n"
		"<on Pin='1'><deny code='7520'/></on>"),
	"c.xml:1: error: <deny>: code=\"7599\" would allow the port-out: "
	"Bandwidth treats a processing error as consent; write one of 7510 "
	"7511 7512 7513 7514 7515 7516 7517 7518 7519 7598 (see "
	"callbacks.xml(5))\n"
	"c.xml:2: error: <deny>: code=\"7520\" would allow the port-out: "
	"Bandwidth treats an unknown code as consent; write one of 7510 7511 "
	"7512 7513 7514 7515 7516 7517 7518 7519 7598 (see callbacks.xml(5))"},

    /* credentials for URLs */
    {"a URL to a section with credentials",
	"<callbacks>" CREDS "<voice path='/v' credentials='main'>"
	"<on event='answer'><Response>\n<StartGather dtmfUrl='/v?x=1'/>"
	"<Redirect redirectUrl='/v'/></Response></on></voice></callbacks>",
	"c.xml:2: warning: <StartGather>: dtmfUrl=\"/v?x=1\" leads to a "
	"section with credentials, but Bandwidth has none for it: add <login "
	"url=\"...\" user=\"...\" password-file=\"...\"/>"},
    {"URLs that lead here and elsewhere",
	"<callbacks>" LOGIN "<voice path='/v'><on event='answer'><Response>\n"
	"<Record recordCompleteUrl='/v' recordingAvailableUrl="
	"'https://else.example.com/'/></Response></on></voice></callbacks>",
	"c.xml:2: warning: <Record>: recordCompleteUrl leads here, "
	"recordingAvailableUrl elsewhere, and both would get the same "
	"credentials: none are added; write username yourself if needed"},

/* inclusion */
#define INCLUDE(attrs) \
	"<callbacks " \
	"xmlns:xi='http://www.w3.org/2001/XInclude'>\n<xi:include " attrs \
	"/></callbacks>"
    {"an included section", INCLUDE("href='good.xml'"), ""},
    {"an error in an included file", INCLUDE("href='wrong.xml'"),
	"wrong.xml:3: error: <Sing>: unknown verb, did you mean <Ring>?"},
    {"an included file that is not well-formed", INCLUDE("href='broken.xml'"),
	"broken.xml:2:1: error: <voice> of line 1 is not closed, write "
	"</voice>"},
    {"a file that includes itself", INCLUDE("href='self.xml'"),
	"self.xml:1: error: <include>: self.xml: too many included files: does "
	"one include itself?"},
    {"a file that is not there", INCLUDE("href='none.xml'"),
	"c.xml:2: error: none.xml: No such file or directory"},
    {"a file elsewhere", INCLUDE("href='http://x.example.com/a.xml'"),
	"c.xml:2: error: <include>: href must name a local file, like "
	"\"menus.xml\""},
    {"a part of a file", INCLUDE("href='good.xml' xpointer='x'"),
	"c.xml:2: error: <include>: only the attribute \"href\" is supported, "
	"not \"xpointer\""},
    {"an inclusion with another way out",
	"<callbacks xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include "
	"href='x'><xi:fallback/></xi:include></callbacks>",
	"c.xml:1: error: <include>: must be empty, <fallback> is not "
	"supported: a missing file is an error"},
};

static char findings[8192];

static void
on_finding(void *arg, const struct bw_finding *f)
{
	size_t at = strlen(findings);
	char where[32] = "";

	(void)arg;
	if (f->line != 0 && f->column != 0)
		snprintf(where, sizeof(where), ":%d:%d", f->line, f->column);
	else if (f->line != 0)
		snprintf(where, sizeof(where), ":%d", f->line);
	snprintf(findings + at, sizeof(findings) - at, "%s%s%s: %s: %s",
	    at != 0 ? "\n" : "", f->file, where,
	    f->severity == BW_SEVERITY_ERROR ? "error" : "warning", f->text);
}

static const struct bw_reporter reporter = {on_finding, NULL};

/* Does the bw_error begin like the first error? */
static bool
is_first_error(const char *msg)
{
	const char *p = strstr(findings, ": error: ");
	const char *start = p;

	if (p == NULL)
		return msg[0] == '\0';
	while (start > findings && start[-1] != '\n')
		start--;
	return strncmp(msg, start, (size_t)(p - start)) == 0 &&
	       strncmp(msg + (p - start) + 2, p + 9, 40) == 0;
}

static void
test_findings(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_error e = {0};
		struct bw_config *c = NULL;
		enum bw_err err;

		findings[0] = '\0';
		scratch_write("c.xml", rows[i].text);
		err = bw_config_load("c.xml", &c, &reporter, &e);
		is_str(findings, rows[i].want, "%s", rows[i].what);
		is_int(err,
		    strstr(findings, ": error: ") != NULL ? BW_ERR_CONFIG
							  : BW_OK,
		    "%s: result", rows[i].what);
		ok(is_first_error(e.msg), "%s: first: %s", rows[i].what, e.msg);
		bw_config_unref(c);
	}
}

static void
test_files(void)
{
	struct bw_error e = {0};
	struct bw_config *c = NULL;

	findings[0] = '\0';
	is_int(bw_config_load("none.xml", &c, &reporter, &e), BW_ERR_NOFILE,
	    "no configuration");
	is_str(findings, "none.xml: error: No such file or directory",
	    "is a finding");
	is_str(e.msg, "none.xml: No such file or directory", "and an error");
	is_int(bw_config_load("none.xml", &c, NULL, NULL), BW_ERR_NOFILE,
	    "no reporter is needed");
	bw_config_unref(NULL);
}

/* File names are relative to the file that contains them. */
static void
test_relative(void)
{
	struct bw_error e = {0};
	struct bw_config *c = NULL;
	char path[4096];

	scratch_write("c.xml",
	    "<callbacks xmlns:xi='http://www.w3.org/2001/XInclude'>" CREDS TABLE
		LOGIN "<xi:include href='good.xml'/><voice path='/w'><on "
	    "event='gather'><exec program='prog'/></on></voice></callbacks>");
	if (getcwd(path, sizeof(path) - 8) == NULL)
		exit(1);
	snprintf(path + strlen(path), 8, "/c.xml");
	ok(chdir("/") == 0, "from another folder");
	is_int(bw_config_load(path, &c, NULL, &e), BW_OK, "it loads %s", e.msg);
	path[strlen(path) - 6] = '\0';
	ok(chdir(path) == 0, "and back");
	if (c != NULL)
		ok(bwi_config_route(c, BW_STR("/included")) != NULL,
		    "with what it includes");
	bw_config_unref(c);
}

/* The example configuration has no findings. */
static void
test_example(void)
{
	static const char *const files[] = {
	    "callbacks.xml", "staff.csv", "holidays.ics"};
	struct bw_config *c = NULL;
	char path[4096];
	size_t n;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *text;

		snprintf(path, sizeof(path), "%s/../../examples/ivr/%s",
		    tap_data_dir(), files[i]);
		text = tap_read_file(path, &n);
		if (!ok(text != NULL, "%s is there", path))
			return;
		scratch_write_bytes(files[i], text, n);
		free(text);
	}
	scratch_write("password", "secret\n");
	findings[0] = '\0';
	is_int(bw_config_load("callbacks.xml", &c, &reporter, NULL), BW_OK,
	    "the example loads");
	is_str(findings, "", "without findings");
	if (c != NULL)
		ok(bwi_config_route(c, BW_STR("/voice/menu")) != NULL,
		    "and has a menu");
	bw_config_unref(c);
}

int
main(void)
{
	scratch_enter();
	scratch_write("passwd",
	    "u:$2y$10$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK\n");
	scratch_write("pw", "secret\n");
	scratch_write("empty", "\nsecret\n");
	scratch_write("binary", "se\x01cret\n");
	scratch_write("staff.csv", "digit,name,phone\n1,Ann,+19195550101\n");
	scratch_write("bad.csv", "k,v\na\n");
	scratch_write_program("prog", "#!/bin/sh\n");
	scratch_write("good.xml", "<voice path='/included'><on event='gather'>"
				  "<Response><SpeakSentence><lang "
				  "xml:lang='es-ES'>Hola</lang>"
				  "</SpeakSentence></Response></on></voice>");
	scratch_write("wrong.xml", "<voice path='/included'>\n<on "
				   "event='gather'><Response>\n<Sing/>"
				   "</Response></on></voice>");
	scratch_write("broken.xml", "<voice path='/included'>\n");
	scratch_write("self.xml",
	    "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' "
	    "href='self.xml'/>");
	test_findings();
	test_files();
	test_relative();
	test_example();
	return tap_done();
}
