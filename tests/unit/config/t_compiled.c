/*
 * The compiled form of a configuration: its answers equal those of the
 * configuration, and it is ignored when it must be.
 */
#include "base/request.h"
#include "base/response.h"
#include "config/compiled.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bwcallback/callback.h>
#include <bwcallback/limits.h>
#include <bwcallback/tools/passwd.h>

#include "config/compiled_form.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

/* "bandwidth:open sesame" */
#define GOOD "HTTP_AUTHORIZATION=Basic YmFuZHdpZHRoOm9wZW4gc2VzYW1l"

static const char main_text[] =
    "<?xml version='1.0'?>\n"
    "<callbacks mount='/bw/' xmlns:xi='http://www.w3.org/2001/XInclude'>\n"
    "<!-- not kept -->\n"
    "<credentials id='c' realm='the realm' file='passwd'/>\n"
    "<credentials id='other' file='spare'/>\n"
    "<login url='https://cb.example.com/bw' user='u' password-file='pw'/>\n"
    "<table id='staff' file='staff.csv' key='digit'/>\n"
    "<table id='unused' file='spare.csv' key='digit'/>\n"
    "<calendar id='days' file='days.txt'/>\n"
    "<calendar id='idle' file='idle.txt'/>\n"
    "<xi:include href='voice.xml'/>\n"
    "<voice path='/' credentials='other'/>\n"
    "<messaging path='/open'><on><reply status='202' type='text/plain'>Got "
    "{message.id}</reply></on></messaging>\n"
    "<portout path='/portout' credentials='c'>"
    "<on><deny code='7513'/></on></portout>\n"
    "</callbacks>\n";

static const char voice_text[] =
    "<voice path='/voice' credentials='c' deadline='9s'>\n"
    "<on event='initiate' hours='00:00-24:00' dates='!days' "
    "zone='America/New_York'>"
    "<Response><Gather gatherUrl='/bw/voice' xml:base='x'>"
    "<SpeakSentence>Hello {from|spell}\n  and <lang xml:lang='fr-FR'>bonjour"
    "</lang></SpeakSentence></Gather></Response></on>\n"
    "<on event='gather' digits='1|2'><Response>"
    "<SpeakSentence>{staff[digits].name}</SpeakSentence></Response></on>\n"
    "<fallback><Response><Hangup/></Response></fallback></voice>";

static void
write_files(void)
{
	scratch_write("c.xml", main_text);
	scratch_write("voice.xml", voice_text);
	scratch_write("pw", "secret\n");
	scratch_write("staff.csv", "digit,name\n1,Ada\n2,Bob\n");
	scratch_write("spare.csv", "digit\n1\n");
	scratch_write("days.txt", "1999-12-31\n");
	scratch_write("idle.txt", "1999-12-31\n");
}

/* Files that no request of these tests needs may be missing. */
static void
hide_spare(bool hide)
{
	static const char *const names[] = {"spare", "spare.csv", "idle.txt"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char hidden[32];

		(void)snprintf(hidden, sizeof(hidden), "%s.hidden", names[i]);
		if (rename(hide ? names[i] : hidden,
			hide ? hidden : names[i]) != 0)
			abort();
	}
}

/* The compiled form of c.xml as it is now. */
static void
compile(struct bw_buf *image)
{
	struct bw_config config = {.mount = {NULL, 0}};
	struct bwi_loader l = {.config = &config};
	const xmlNode *root;

	bwi_arena_init(&config.arena);
	bw_buf_init(image, BWI_COMPILED_MAX);
	root = bwi_loader_read(&l, "c.xml");
	if (root != NULL)
		bwi_compiled_write(&l, root, image);
	bwi_loader_free_sources(&l);
	bwi_arena_free(&config.arena);
}

static struct bw_str
str(const struct bw_buf *b)
{
	return (struct bw_str){b->p, b->n};
}

/* Write it to the file that is read. */
static void
put(const struct bw_buf *image)
{
	(void)unlink("c.xml.compiled");
	scratch_write_bytes("c.xml.compiled", image->p, image->n);
	(void)chmod("c.xml.compiled", 0600);
}

static void
resize(const char *name, size_t n)
{
	if (truncate(name, (off_t)n) != 0)
		abort();
}

static void
print_finding(void *arg, const struct bw_finding *f)
{
	int *count = arg;

	(*count)++;
	tap_diag("%s:%d: %s", f->file, f->line, f->text);
}

static struct bw_request
request(const char *uri, const char *auth, const char *body)
{
	static char uri_text[256];
	const char *env[] = {"REQUEST_METHOD=POST", uri_text,
	    "CONTENT_TYPE=application/json", auth, NULL};
	struct bw_request req;

	(void)snprintf(uri_text, sizeof(uri_text), "REQUEST_URI=%s", uri);
	if (bw_request_from_env(&req, env, NULL) != BW_OK)
		abort();
	req.body = (struct bw_str){body, strlen(body)};
	return req;
}

/* The answer of a process that handles one request; free it. */
static char *
answer(const struct bw_request *req, bool once)
{
	int findings = 0;
	struct bw_reporter reporter = {print_finding, &findings};
	struct bw_callback_context *w = bw_callback_context_new();
	struct bw_config *config = NULL;
	struct bw_response resp;
	struct bw_buf out;
	struct bw_error e = {0};
	enum bw_err err;

	bw_buf_init(&out, 65536);
	bwi_response_init(&resp);
	err = once ? bw_config_load_for_request(
			 "c.xml", req, &config, &reporter, &e)
		   : bw_config_load("c.xml", &config, &reporter, &e);
	if (err == BW_OK) {
		bw_callback_answer(w, config, req, &resp);
		bw_response_write(&resp, &out);
	} else {
		bw_buf_puts(&out, e.msg);
	}
	bw_buf_putc(&out, '\0');
	bwi_response_release(&resp);
	bw_config_unref(config);
	bw_callback_context_free(w);
	return out.p;
}

#define MESSAGE "[{\"type\":\"message-received\",\"message\":{\"id\":\"m-1\"}}]"
#define CALL(type, more) \
	"{\"eventType\":\"" type "\",\"callId\":\"c-1\"," \
	"\"from\":\"+19195550142\"" more "}"

static const struct {
	const char *name, *uri, *auth, *body, *want;
} requests[] = {
    {"a call", "/bw/voice", GOOD, CALL("initiate", ""), "Hello 1, 9 1 9"},
    {"a table", "/bw/voice", GOOD, CALL("gather", ",\"digits\":\"2\""), "Bob"},
    {"the fallback", "/bw/voice", GOOD, CALL("gather", ",\"digits\":\"9\""),
	"<Hangup/>"},
    {"nobody", "/bw/voice", NULL, CALL("initiate", ""), "realm=\"the realm\""},
    {"somebody else", "/bw/voice", "HTTP_AUTHORIZATION=Basic YTpi",
	CALL("initiate", ""), "rejected"},
    {"no credentials required", "/bw/open", NULL, MESSAGE, "Got m-1"},
    {"a port-out", "/bw/portout", GOOD, "<PortOutValidationRequest/>", "7513"},
    {"the path of the mount", "/bw", NULL, "", "401 Unauthorized"},
    {"not below the mount", "/voice", GOOD, "", "404 Not Found"},
    {"nobody's path", "/bw/voice/none", GOOD, "", "404 Not Found"},
};

static void
test_answers(void)
{
	struct bw_buf image;

	compile(&image);
	put(&image);
	ok(bwi_compiled_is_fresh(str(&image), "c.xml"), "fresh");
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct bw_request req = request(
		    requests[i].uri, requests[i].auth, requests[i].body);
		char *full = answer(&req, false), *part;

		hide_spare(true);
		part = answer(&req, true);
		hide_spare(false);
		is_str(part, full, "%s: the same", requests[i].name);
		ok(strstr(part, requests[i].want) != NULL,
		    "%s: as it should be", requests[i].name);
		free(full);
		free(part);
	}
	bw_buf_free(&image);
}

/* Replace a greeting in the compiled form, and update the checksum. */
static void
greet(struct bw_buf *image, const char *word)
{
	struct bwi_compiled_head head;
	char *p = memmem(image->p, image->n, "Hello", 5);

	if (p == NULL)
		abort();
	memcpy(p, word, 5);
	memcpy(&head, image->p, sizeof(head));
	head.sum =
	    bwi_compiled_sum(image->p + sizeof(head), image->n - sizeof(head));
	memcpy(image->p, &head, sizeof(head));
}

static bool
is_used(void)
{
	struct bw_request req =
	    request("/bw/voice", GOOD, CALL("initiate", ""));
	char *got = answer(&req, true);
	bool used = strstr(got, "Adieu") != NULL;

	if (!used && strstr(got, "Hello") == NULL)
		tap_diag("%s", got);
	free(got);
	return used;
}

static void
test_trust(void)
{
	struct bw_buf image;

	compile(&image);
	greet(&image, "Adieu");
	put(&image);
	ok(is_used(), "it is read instead of the configuration");
	(void)chmod("c.xml.compiled", 0640);
	ok(!is_used(), "not if others may read it");
	put(&image);
	(void)chmod("c.xml.compiled", 0602);
	ok(!is_used(), "nor write it");
	put(&image);
	if (geteuid() == 0 && chown("c.xml.compiled", 1, (gid_t)-1) == 0)
		ok(!is_used(), "nor if it is another's");
	else
		ok(true, "nor another's # SKIP only root can give files away");
	(void)unlink("c.xml.compiled");
	ok(symlink("nowhere", "c.xml.compiled") == 0 && !is_used(),
	    "nor a link to nowhere");
	(void)unlink("c.xml.compiled");
	(void)mkfifo("c.xml.compiled", 0600);
	ok(!is_used(), "nor a pipe");
	put(&image);
	resize("c.xml.compiled", image.n - 1);
	ok(!is_used(), "nor half of it");
	put(&image);
	(void)rename("c.xml.compiled", "d.xml.compiled");
	scratch_write("d.xml", "other");
	ok(!bwi_compiled_is_fresh(str(&image), "d.xml"),
	    "nor that of another configuration");
	bw_buf_free(&image);
}

static void
test_damage(void)
{
	struct bw_buf image;
	size_t taken = 0;

	compile(&image);
	for (size_t i = 0; i < image.n; i++) {
		char *copy = malloc(i);

		memcpy(copy, image.p, i);
		taken +=
		    bwi_compiled_is_fresh((struct bw_str){copy, i}, "c.xml");
		free(copy);
	}
	is_int((long long)taken, 0, "cut short anywhere: refused");
	for (size_t i = 0; i < image.n * 8; i++) {
		image.p[i / 8] = (char)(image.p[i / 8] ^ 1 << i % 8);
		taken += bwi_compiled_is_fresh(str(&image), "c.xml");
		image.p[i / 8] = (char)(image.p[i / 8] ^ 1 << i % 8);
	}
	is_int((long long)taken, 0, "with any bit turned: refused");
	ok(bwi_compiled_is_fresh(str(&image), "c.xml"), "and whole: taken");
	bw_buf_free(&image);
}

static void
test_stale(void)
{
	struct bw_buf image;

	compile(&image);
	scratch_write("voice.new", voice_text);
	(void)rename("voice.new", "voice.xml");
	ok(!bwi_compiled_is_fresh(str(&image), "c.xml"),
	    "an included file was replaced");
	bw_buf_free(&image);
	compile(&image);
	ok(bwi_compiled_is_fresh(str(&image), "c.xml"), "compiled again");
	(void)chmod("c.xml", 0640);
	resize("c.xml", strlen(main_text) + 9);
	ok(!bwi_compiled_is_fresh(str(&image), "c.xml"), "a file has changed");
	(void)unlink("voice.xml");
	ok(!bwi_compiled_is_fresh(str(&image), "c.xml"), "a file is gone");
	bw_buf_free(&image);
	write_files();
}

/* Any answer other than a verdict would allow the port-out. */
static void
test_broken_passwords(void)
{
	struct bw_request req =
	    request("/bw/portout", GOOD, "<PortOutValidationRequest/>");
	static char large[BW_MAX_PASSWD + 2];
	static const struct {
		const char *what, *text;
	} broken[] = {
	    {"malformed", "bandwidth:plain\n"},
	    {"empty", ""},
	    {"too large", large},
	};
	struct bw_buf image;

	memset(large, '#', sizeof(large) - 1);
	compile(&image);
	put(&image);
	if (rename("passwd", "passwd.good") != 0)
		abort();
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		char *got;

		scratch_write("passwd", broken[i].text);
		got = answer(&req, true);
		ok(strstr(got, "<Portable>false<") != NULL &&
			strstr(got, "passwd") == NULL,
		    "a verdict, the password file %s", broken[i].what);
		free(got);
	}
	if (rename("passwd.good", "passwd") != 0)
		abort();
	bw_buf_free(&image);
}

/* Mode and size of a file; size -1 if it does not exist. */
static long
left(const char *name, mode_t *mode)
{
	struct stat st;

	if (lstat(name, &st) != 0)
		return -1;
	*mode = st.st_mode & 07777;
	return (long)st.st_size;
}

static void
test_save(void)
{
	struct bwi_source old = {.path = NULL}, young = {.path = NULL};
	struct bwi_loader l = {.sources = &old};
	const struct timespec long_ago[2] = {{1, 0}, {1, 0}};
	struct bw_buf image;
	mode_t mode = 0;

	compile(&image);
	(void)unlink("c.xml.compiled");
	if (stat("c.xml", &young.seen) != 0)
		abort();
	young.seen.st_ctim.tv_sec = time(NULL);
	l.sources = &young;
	bwi_compiled_save(&l, "c.xml", &image);
	is_int(left("c.xml.compiled", &mode), -1,
	    "not of a file that may change within the same tick");
	l.sources = &old;
	bwi_compiled_save(&l, "c.xml", &image);
	is_int(left("c.xml.compiled", &mode), (long)image.n, "saved");
	is_int(mode, 0600, "accessible to its owner only");
	is_int(
	    left("c.xml.compiled.new", &mode), -1, "no temporary file is left");
	scratch_write("c.xml.compiled.new", "");
	resize("c.xml.compiled", 1);
	bwi_compiled_save(&l, "c.xml", &image);
	is_int(left("c.xml.compiled", &mode), 1, "another process is writing");
	(void)utimensat(AT_FDCWD, "c.xml.compiled.new", long_ago, 0);
	bwi_compiled_save(&l, "c.xml", &image);
	bwi_compiled_save(&l, "c.xml", &image);
	is_int(left("c.xml.compiled", &mode), (long)image.n,
	    "unless it abandoned the file");
	bw_buf_free(&image);
}

static void
test_no_memory(void)
{
	for (int compiled = 0; compiled < 2; compiled++) {
		struct bw_request req = request("/bw/voice", GOOD, "");
		struct bw_config *config = NULL;
		unsigned long n = 0;
		struct bw_buf image;
		enum bw_err err;

		compile(&image);
		do {
			(void)unlink("c.xml.compiled");
			if (compiled)
				put(&image);
			tap_fail_alloc(++n);
			config = NULL;
			err = bw_config_load_for_request(
			    "c.xml", &req, &config, NULL, NULL);
			tap_fail_alloc(0);
			bw_config_unref(config);
		} while ((err == BW_ERR_NOMEM || compiled) && n < 1000);
		is_int(err, BW_OK, "each allocation failed, %s (%lu)",
		    compiled ? "compiled" : "not compiled", n);
		bw_buf_free(&image);
	}
}

int
main(void)
{
	scratch_enter();
	write_files();
	if (bw_passwd_set("passwd", BW_STR("bandwidth"), BW_STR("open sesame"),
		NULL) != BW_OK ||
	    bw_passwd_set("spare", BW_STR("x"), BW_STR("x"), NULL) != BW_OK)
		return 1;
	test_answers();
	test_trust();
	test_damage();
	test_stale();
	test_broken_passwords();
	test_save();
	test_no_memory();
	return tap_done();
}
