/*
 * Every code of a port-out and every combination of codes, in both notations;
 * and the central property: for every configuration that loads, every request
 * and every failure, a port-out is allowed only if every rule passed or the
 * operator configured failures to allow it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/scratch.h"
#include "tests/support/verdicts.h"
#include "tests/tap/tap.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define SUBSCRIBERS \
	"number,account,pin,zip,name,status,lock\n" \
	"9195550181,AC-900,0042,02154,Reed,active,\n" \
	"9195550182,AC-900,0042,02154,Reed,active,no\n" \
	"9195550183,AC-900,0042,02154,Reed,suspended,\n" \
	"9195550184,AC-900,0042,02154,Reed,active,yes\n"

/* Numbers of the data: active, out of service, locked; 0 is in no row. */
#define GOOD	"9195550181"
#define ALSO	"9195550182"
#define GONE	"9195550183"
#define LOCKED	"9195550184"
#define NOBODYS "9195550189"

static struct bw_config *config;
static char body[4096];
static size_t size;

static void
put(const char *text)
{
	size += (size_t)snprintf(body + size, sizeof(body) - size, "%s", text);
}

static void
put_element(const char *tag, const char *sign, const char *value)
{
	size += (size_t)snprintf(body + size, sizeof(body) - size,
	    "<%s>%s%s</%s>", tag, sign, value, tag);
}

static void
ask(const char *path)
{
	verdicts_send(config, path, (struct bw_str){body, size});
}

static bool
load(const char *text)
{
	struct bw_error e = {0};
	struct bw_config *loaded = NULL;
	struct bw_reporter quiet = {NULL, NULL};

	scratch_write("callbacks.xml", text);
	bw_config_unref(config);
	config = NULL;
	if (bw_config_load("callbacks.xml", &loaded, &quiet, &e) != BW_OK)
		return false;
	config = loaded;
	return true;
}

/* Parts of a request: absent, right, wrong. */
static const struct part {
	const char *word;
	const char *tag;
	const char *values[3];
	int missing;
	int wrong;
} parts[] = {
    {"account", "AccountNumber", {NULL, "ac900", "AC-901"}, 7510, 7511},
    {"pin", "Pin", {NULL, "0042", "42"}, 7512, 7513},
    {"zip", "ZipCode", {NULL, "02154-9", "02155"}, 7514, 7515},
    {"name", "SubscriberName", {NULL, "REED", "Vale"}, 7519, 7519},
};

static const struct list {
	const char *what;
	const char *numbers[3];
	bool known; /* at least one is known */
	const char *codes;
	bool closed; /* no other reasons are given */
} lists[] = {
    {"one", {GOOD}, true, "", false},
    {"two", {GOOD, ALSO}, true, "", false},
    {"nobody's", {NOBODYS}, false, "7516", false},
    {"one of two", {GOOD, NOBODYS}, true, "7516", false},
    {"out of service", {GONE}, true, "7518", false},
    {"both", {NOBODYS, GONE, GOOD}, true, "7516 7518", false},
    {"locked", {LOCKED}, true, "7598", true},
    {"all", {LOCKED, NOBODYS, GONE}, true, "7516 7518 7598", true},
};

/* Codes in ascending order, each once, as the format requires. */
static const char *
join(bool *set)
{
	static char text[128];
	size_t n = 0;

	text[0] = '\0';
	for (int code = 7500; code < 7600; code++) {
		if (set[code - 7500])
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s%d", n > 0 ? " " : "", code);
	}
	return text;
}

static void
build(const struct list *l, int combination, bool e164)
{
	size = 0;
	put("<PortOutValidationRequest>");
	for (size_t i = 0; i < LENGTH(parts); i++, combination /= 3) {
		const char *value = parts[i].values[combination % 3];

		if (value != NULL)
			put_element(parts[i].tag, "", value);
	}
	put("<TelephoneNumbers>");
	for (size_t i = 0; i < 3 && l->numbers[i] != NULL; i++)
		put_element("TelephoneNumber", e164 ? "+1" : "", l->numbers[i]);
	put("</TelephoneNumbers></PortOutValidationRequest>");
}

static const char *
expect(const struct list *l, int combination)
{
	bool set[100] = {false};

	for (const char *c = l->codes; *c != '\0'; c += c[4] == ' ' ? 5 : 4)
		set[(c[2] - '0') * 10 + (c[3] - '0')] = true;
	for (size_t i = 0; !l->closed && i < LENGTH(parts);
	     i++, combination /= 3) {
		if (combination % 3 == 0)
			set[parts[i].missing - 7500] = true;
		if (combination % 3 == 2 && l->known)
			set[parts[i].wrong - 7500] = true;
	}
	return join(set);
}

static void
test_combinations(void)
{
	ok(load("<callbacks><portout path='/p'><subscribers file='s.csv'\n"
		"require='account pin zip name status lock'/></portout>\n"
		"</callbacks>"),
	    "the configuration loads");
	for (size_t i = 0; i < LENGTH(lists) * 2; i++) {
		const struct list *l = &lists[i / 2];
		int wrong = 0;

		for (int c = 0; c < 81; c++) {
			const char *want = expect(l, c);

			build(l, c, i % 2 != 0);
			ask("/p");
			if (verdicts_fault() == NULL &&
			    strcmp(verdicts_codes(), want) == 0)
				continue;
			wrong++;
			tap_diag("%s: %s, want %s: %.*s", l->what,
			    verdicts_codes(), want, (int)size, body);
		}
		is_int(wrong, 0, "%s, %s: 81 combinations", l->what,
		    i % 2 != 0 ? "E.164" : "ten digits");
	}
}

/* Valid and invalid codes of <deny>. */
static void
test_codes(void)
{
	static const char *const codes[] = {
#define X(code, text) #code,
#include "portout/portout.def"
#undef X
	};
	static const char *const others[] = {"7599", "7520", "7509", "7597",
	    "7600", "0", "", "x", "-7510", "75100", "7510 7513"};
	char text[512];

	for (size_t i = 0; i < LENGTH(codes) + LENGTH(others); i++) {
		bool known = i < LENGTH(codes);
		const char *code = known ? codes[i] : others[i - LENGTH(codes)];

		(void)snprintf(text, sizeof(text),
		    "<callbacks><portout path='/p'><on><deny code='%s'/></on>"
		    "</portout></callbacks>",
		    code);
		if (!ok(load(text) == known, "<deny code='%s'>: %s", code,
			known ? "loads" : "is refused") ||
		    !known)
			continue;
		for (int e164 = 0; e164 < 2; e164++) {
			build(&lists[0], 40, e164 != 0);
			ask("/p");
			is_str(verdicts_codes(), code, "and is said");
			is_str(verdicts_fault(), NULL, "in a valid answer");
		}
	}
}

/* Pseudo-random numbers with a fixed seed. */
static unsigned seed = 20260601;

static unsigned
dice(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* A random configuration. */
struct policy {
	char text[1024];
	unsigned require; /* bit i: parts[i] */
	unsigned velocity;
	unsigned max;
	bool allow;
	bool bad;	    /* must not load */
	unsigned judged[2]; /* requests for GOOD and ALSO so far */
};

static void
add_text(struct policy *p, const char *text)
{
	size_t n = strlen(p->text);

	(void)snprintf(p->text + n, sizeof(p->text) - n, "%s", text);
}

static void
add_words(struct policy *p, const char *attribute, unsigned bits)
{
	add_text(p, attribute);
	for (size_t i = 0; i < LENGTH(parts); i++) {
		if ((bits >> i & 1) != 0) {
			add_text(p, parts[i].word);
			add_text(p, " ");
		}
	}
	add_text(p, "'");
}

static void
add_rule(struct policy *p)
{
	static const char *const rules[] = {
	    "<on PON='STOP*'><deny code='7519'/></on>",
	    "<on><deny code='7599'/></on>", "<on PON='GO*'><portable/></on>",
	    "<on Pin='0042'><portable/></on>"};
	unsigned i = dice(8);

	if (i >= LENGTH(rules))
		return;
	p->bad = p->bad || i > 0;
	add_text(p, rules[i]);
}

static void
roll_policy(struct policy *p)
{
	static const char *const errors[] = {
	    "", " on-error='deny'", " on-error='allow'"};
	unsigned e = dice(3);
	char number[32];

	*p = (struct policy){.require = dice(17), .max = 1000};
	p->allow = e == 2;
	add_text(p, "<callbacks><portout path='/p'");
	add_text(p, errors[e]);
	add_text(p, ">");
	add_rule(p);
	add_text(p, "<subscribers file='s.csv'");
	if (p->require == 16)
		p->require = 7; /* the default */
	else
		add_words(p, " require='", p->require);
	p->bad = p->bad || p->require == 0;
	if (dice(2) == 0)
		add_words(p, " disclose='", dice(16));
	if (dice(3) == 0) {
		p->velocity = dice(4);
		p->bad = p->bad || p->velocity == 0;
		(void)snprintf(
		    number, sizeof(number), " velocity='%u'", p->velocity);
		add_text(p, number);
	}
	if (dice(3) == 0) {
		p->max = dice(4);
		p->bad = p->bad || p->max == 0;
		(void)snprintf(
		    number, sizeof(number), " max-numbers='%u'", p->max);
		add_text(p, number);
	}
	add_text(p, "/></portout></callbacks>");
}

/* The letters and digits between two tags; false if absent. */
static bool
extract(const char *from, const char *tag, char *out, size_t max)
{
	char end[64];
	const char *p, *q;
	size_t n = 0;

	(void)snprintf(end, sizeof(end), "<%s>", tag);
	p = strstr(from, end);
	(void)snprintf(end, sizeof(end), "</%s>", tag);
	q = p != NULL ? strstr(p, end) : NULL;
	if (q == NULL)
		return false;
	for (p += strlen(tag) + 2; p < q && n + 1 < max; p++) {
		char c = *p;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + ('a' - 'A'));
		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (unsigned char)c >= 0x80)
			out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

/*
 * Does a part of the request match the data? Computed independently of the
 * library.
 */
static bool
is_right(size_t part, const char *text)
{
	static const char *const right[] = {"ac900", "0042", "02154", "reed"};
	char value[256];

	if (!extract(text, parts[part].tag, value, sizeof(value)))
		return false;
	if (part == 2)
		value[5] = '\0';
	return strcmp(value, right[part]) == 0;
}

/* Is the port-out allowed, computed independently of the library? */
static bool
may_go(const struct policy *p, const char *text)
{
	unsigned n = 0;

	for (size_t i = 0; i < LENGTH(parts); i++) {
		if ((p->require >> i & 1) != 0 && !is_right(i, text))
			return false;
	}
	if (strstr(p->text, "STOP") != NULL &&
	    strstr(text, "<PON>STOP") != NULL)
		return false;
	for (const char *at = text;
	     (at = strstr(at, "<TelephoneNumber>")) != NULL; at++, n++) {
		char value[256];
		bool also;

		if (!extract(at, "TelephoneNumber", value, sizeof(value)))
			return false;
		at += strlen(value);
		also = strcmp(value + (value[0] == '1'), ALSO) == 0;
		if (!also && strcmp(value + (value[0] == '1'), GOOD) != 0)
			return false;
		if (p->velocity > 0 && p->judged[also] >= p->velocity)
			return false;
	}
	return n > 0 && n <= p->max;
}

static void
roll_request(bool *plain)
{
	static const char *const numbers[] = {
	    GOOD, GOOD, GOOD, ALSO, ALSO, GONE, LOCKED, NOBODYS};
	static const char signs[] = "<>/&19 ";
	static unsigned pon;
	unsigned n = 1 + dice(3) * dice(2);
	char text[32];

	size = 0;
	(void)snprintf(
	    text, sizeof(text), "%s-%u", dice(4) == 0 ? "STOP" : "GO", ++pon);
	put("<PortOutValidationRequest>");
	put_element("PON", "", text);
	for (size_t i = 0; i < LENGTH(parts); i++) {
		const char *value = parts[i].values[dice(8) < 6 ? 1 : dice(3)];

		if (value != NULL)
			put_element(parts[i].tag, "", value);
	}
	put("<TelephoneNumbers>");
	for (unsigned i = 0; i < n; i++)
		put_element("TelephoneNumber", dice(2) == 0 ? "+1" : "",
		    numbers[dice(LENGTH(numbers))]);
	put("</TelephoneNumbers></PortOutValidationRequest>");
	*plain = dice(3) != 0;
	if (*plain)
		return;
	/* Random damage. */
	for (unsigned i = 0; i <= dice(3); i++)
		body[dice((unsigned)size)] =
		    dice(2) == 0 ? (char)dice(256) : signs[dice(7)];
	if (dice(4) == 0)
		size = dice((unsigned)size);
	body[size] = '\0';
}

/* A request that was looked up counts for the later ones. */
static void
count(struct policy *p)
{
	unsigned n = 0;

	for (const char *at = body; (at = strstr(at, "<TelephoneNumber>"));
	     at++)
		n++;
	if (n > p->max || (strstr(p->text, "STOP") != NULL &&
			      strstr(body, "<PON>STOP") != NULL))
		return;
	p->judged[0] += strstr(body, GOOD) != NULL;
	p->judged[1] += strstr(body, ALSO) != NULL;
}

/* One request, sometimes with a failure; false if the property is violated. */
static bool
try_one(struct policy *p, int *passed)
{
	bool plain, failing = dice(5) == 0, may, gone;
	const char *why;

	roll_request(&plain);
	if (failing) {
		verdicts_renew();
		tap_fail_alloc(1 + dice(40));
	}
	ask("/p");
	tap_fail_alloc(0);
	why = verdicts_fault();
	gone = verdicts_codes()[0] == '\0';
	/* For this test, the body ends at a NUL. */
	may = strlen(body) == size && may_go(p, body);
	*passed += gone;
	if (why == NULL && !verdicts_hold("<Code>7599") &&
	    (!gone || may || (p->allow && verdicts_response()->fallback))) {
		if (plain && !failing)
			count(p);
		return true;
	}
	tap_diag("%s\n%s\n%s: %.*s", p->text, why != NULL ? why : "valid",
	    verdicts_codes(), (int)size, body);
	return false;
}

static void
test_property(void)
{
	int loaded = 0, mistaken = 0, wrong = 0, passed = 0;
	struct policy p;

	for (int i = 0; i < 300; i++) {
		roll_policy(&p);
		if (load(p.text) == p.bad) {
			mistaken++;
			tap_diag("%s", p.text);
		}
		if (config == NULL)
			continue;
		loaded++;
		for (int k = 0; k < 60; k++)
			wrong += !try_one(&p, &passed);
	}
	is_int(mistaken, 0, "300 configurations, no invalid one loads");
	ok(loaded > 50 && loaded < 250, "%d of which load", loaded);
	is_int(wrong, 0, "60 requests to each: no number goes that must not");
	ok(passed > 500, "%d times a port-out is allowed", passed);
}

int
main(void)
{
	scratch_enter();
	scratch_write("s.csv", SUBSCRIBERS);
	if (!ok(verdicts_begin(), "a worker and a schema"))
		return tap_done();
	test_combinations();
	test_codes();
	test_property();
	bw_config_unref(config);
	verdicts_end();
	return tap_done();
}
