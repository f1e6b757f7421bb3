/* Loading a configuration when our allocations or libxml2's fail. */
#include "config/loader.h"
#include "flow/flow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include <bwcallback/config.h>

#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

#define CREDS "<credentials id='main' file='passwd'/>"
#define TABLE "<table id='staff' file='staff.csv' key='digit'/>"
#define LOGIN \
	"<login url='https://cb.example.com' user='u' password-file='pw'/>"

/* Make each of our allocations fail in turn, then each of libxml2's. */
static unsigned long xml_fail, xml_count;

static bool
xml_fails(void)
{
	return ++xml_count == xml_fail;
}

static void *
xml_malloc(size_t n)
{
	return xml_fails() ? NULL : malloc(n);
}

static void *
xml_realloc(void *p, size_t n)
{
	return xml_fails() ? NULL : realloc(p, n);
}

static char *
xml_strdup(const char *s)
{
	return xml_fails() ? NULL : strdup(s);
}

static void
write_large(void)
{
	scratch_write("c.xml",
	    "<callbacks xmlns:xi='http://www.w3.org/2001/XInclude'>" CREDS TABLE
		LOGIN "<xi:include href='good.xml'/>"
	    "<voice path='/v' credentials='main'>"
	    "<on event='gather' digits='1' hours='Mon 09:00-10:00' "
	    "zone='America/New_York'><Response><SpeakSentence>"
	    "{staff[digits].name|upper} {from|spell}</SpeakSentence>"
	    "<Redirect redirectUrl='/v?{from}'/></Response></on>"
	    "<on event='gather'><exec program='prog'><arg>a</arg></exec></on>"
	    "<fallback><Response><Hangup/></Response></fallback></voice>"
	    "<messaging path='/m'><on><reply status='200'>a{to}</reply></on>"
	    "</messaging><portout path='/p' on-error='allow'><on><deny "
	    "code='7513'/></on></portout></callbacks>");
}

static void
test_no_memory(void)
{
	unsigned long n = 0;
	enum bw_err err;

	do {
		struct bw_config *c = NULL;

		tap_fail_alloc(++n);
		err = bw_config_load("c.xml", &c, NULL, NULL);
		bw_config_unref(c);
	} while (err == BW_ERR_NOMEM && n < 2000);
	tap_fail_alloc(0);
	is_int(err, BW_OK, "each allocation failed in turn (%lu)", n);
	ok(n > 20, "there were some");
}

/*
 * libxml2 silently drops a namespace that it cannot allocate; the validation
 * then refuses <include> and lang. Everything else must be reported.
 */
static char *
without_prefixes(char *text)
{
	static const char *const prefixes[] = {
	    "xi:", "xml:", " xmlns:xi=\"http://www.w3.org/2001/XInclude\"",
	    " xmlns=\"http://www.w3.org/2001/XInclude\""};

	for (size_t i = 0; text != NULL && i < 4; i++) {
		size_t n = strlen(prefixes[i]);
		char *p;

		while ((p = strstr(text, prefixes[i])) != NULL)
			memmove(p, p + n, strlen(p + n) + 1);
	}
	return text;
}

static enum bw_err
read_only(char **text)
{
	struct bw_config config = {.mount = {NULL, 0}};
	struct bwi_loader l = {.config = &config};
	const xmlNode *root;
	xmlChar *dump = NULL;
	int n = 0;

	bwi_arena_init(&config.arena);
	root = bwi_loader_read(&l, "c.xml");
	xml_fail = 0;
	if (root != NULL)
		xmlDocDumpMemory(root->doc, &dump, &n);
	*text = without_prefixes((char *)dump);
	bwi_loader_free_sources(&l);
	bwi_arena_free(&config.arena);
	return l.err;
}

static void
ignore(void *arg, xmlErrorPtr error)
{
	(void)arg;
	(void)error;
}

/*
 * Only allocations during reading: libxml2's RELAX NG validator does not check
 * all of its own and would dereference NULL.
 */
static void
test_no_memory_in_libxml2(void)
{
	unsigned long nth = 0;
	bool same = true, done = false;
	char *want = NULL, *got = NULL;

	xmlSetStructuredErrorFunc(NULL, ignore);
	is_int(read_only(&want), BW_OK, "it can be read");
	while (!done && nth < 100000) {
		enum bw_err err;

		xml_count = 0;
		xml_fail = ++nth;
		err = read_only(&got);
		done = xml_count < nth;
		/* Either fail cleanly, or succeed with the same result. */
		same = same && (err != BW_OK) == (got == NULL) &&
		       (got == NULL || strcmp(got, want) == 0 ||
			   strstr(got, "<include ") != NULL);
		xmlFree(got);
		xmlResetLastError();
	}
	ok(done && nth > 100, "libxml2's allocations failed in turn (%lu)",
	    nth);
	ok(same, "and nothing wrong was read");
	xmlFree(want);
}

/* Deadlines are shorter than the time for which Bandwidth waits. */
static void
test_deadlines(void)
{
	static const struct {
		const char *path;
		int64_t ms;
	} want[] = {{"/v", 8000}, {"/s", 5000}, {"/p", 10000}, {"/e", 300}};
	struct bw_error e = {0};
	struct bw_config *c = NULL;

	scratch_write("c.xml",
	    "<callbacks><voice path='/v'/><messaging path='/s'/><portout "
	    "path='/p'/><emergency path='/e'/></callbacks>");
	is_int(bw_config_load("c.xml", &c, NULL, &e), BW_OK, "loads %s", e.msg);
	for (size_t i = 0; c != NULL && i < 4; i++) {
		const struct bwi_section *s =
		    bwi_config_route(c, (struct bw_str){want[i].path, 2});

		is_int(s == NULL ? 0 : s->deadline / 1000000, want[i].ms,
		    "the deadline of %s in milliseconds", want[i].path);
	}
	bw_config_unref(c);
}

struct reported {
	size_t n;
	char text[200];
};

static void
take_finding(void *arg, const struct bw_finding *f)
{
	struct reported *t = arg;

	t->n++;
	(void)snprintf(t->text, sizeof(t->text), "%s", f->text);
}

/* The path of a missing file may be longer than a message. */
static void
test_long_path(void)
{
	char path[1200];
	size_t wrong = 0, tried = 0;

	for (size_t n = 490; n < sizeof(path); n++) {
		struct reported t = {0};
		struct bw_reporter to = {take_finding, &t};
		struct bw_config *config = NULL;
		struct bw_error e = {0};

		memset(path, 'a', n);
		path[n] = '\0';
		for (size_t i = 0; i < n; i += 100)
			path[i] = '/';
		tried++;
		if (bw_config_load(path, &config, &to, &e) == BW_ERR_NOFILE &&
		    t.n == 1 && strcmp(t.text, strerror(ENOENT)) == 0)
			continue;
		if (wrong++ == 0)
			tap_diag("%zu bytes: %s", n, t.text);
	}
	ok(wrong == 0, "%zu paths longer than a message", tried);
}

int
main(void)
{
	xmlMemSetup(free, xml_malloc, xml_realloc, xml_strdup);
	scratch_enter();
	scratch_write("passwd",
	    "u:$2y$10$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK\n");
	scratch_write("pw", "secret\n");
	scratch_write("staff.csv", "digit,name\n1,Ann\n");
	scratch_write_program("prog", "#!/bin/sh\n");
	scratch_write("good.xml", "<voice path='/included'><on event='gather'>"
				  "<Response><SpeakSentence><lang "
				  "xml:lang='es-ES'>Hola</lang>"
				  "</SpeakSentence></Response></on></voice>");
	write_large();
	test_no_memory();
	test_no_memory_in_libxml2();
	test_deadlines();
	test_long_path();
	return tap_done();
}
