/* What a configuration decides about its stores. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/config.h>

#include "config/config_internal.h"
#include "store/pack.h"
#include "store/store.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

/* After a week and a day, is the key of a message still known? */
static bool
is_known(struct bw_config *c)
{
	const int64_t day = INT64_C(24) * 3600 * 1000;
	const struct bw_store_event again = {.received = 8 * day};
	struct bw_store *s = NULL;
	struct bw_error e = {0};

	if (bwi_store_handle_store(c->stores[0].handle, &s, &e) != BW_OK)
		tap_diag("%s", e.msg);
	return !bwi_store_key_over(s, 0, &again);
}

#define STORE(keys, path) \
	"<callbacks><store url='sqlite:s.db'" keys "/><voice path='" path \
	"'/></callbacks>"

/*
 * The last configuration that was loaded decides for the store that it has in
 * common with others; one with errors does not.
 */
static void
test_keys(void)
{
	static const struct {
		const char *text;
		bool known;
	} steps[] = {
	    {STORE("", "/v"), false},
	    {STORE(" keys='kept'", "/v"), true},
	    {STORE("", "v"), true},
	    {STORE(" keys='none'", "/v"), true},
	    {STORE("", "/v"), false},
	};
	struct bw_config *first = NULL;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct bw_config *c = NULL;
		enum bw_err err;

		scratch_write("c.xml", steps[i].text);
		err = bw_config_load("c.xml", &c, NULL, NULL);
		is_int(err, i == 2 || i == 3 ? BW_ERR_CONFIG : BW_OK,
		    "%zu: loaded", i);
		if (first == NULL)
			first = c;
		else
			bw_config_unref(c);
		is_int(is_known(first), steps[i].known, "%zu: keys", i);
	}
	bw_config_unref(first);
}

/* How old the segments are that are compacted. */
static void
test_compacted(void)
{
	static const struct {
		const char *text;
		int64_t hours;
		bool good;
	} steps[] = {
	    {STORE("", "/v"), 0, true},
	    {STORE(" compact='7d'", "/v"), 168, true},
	    {STORE(" compact='12h'", "/v"), 12, true},
	    {STORE(" compact='0d'", "/v"), 12, false},
	    {STORE(" compact='7'", "/v"), 12, false},
	    {STORE(" compact='7m'", "/v"), 12, false},
	    {STORE("", "/v"), 0, true},
	};
	struct bw_config *first = NULL;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct bw_config *c = NULL;
		struct bw_store *s = NULL;
		struct bw_error e = {0};
		enum bw_err err;

		scratch_write("c.xml", steps[i].text);
		err = bw_config_load("c.xml", &c, NULL, NULL);
		if (!bwi_pack_available() && steps[i].hours > 0) {
			is_int(err, BW_ERR_CONFIG, "%zu: not built", i);
			continue;
		}
		is_int(err, steps[i].good ? BW_OK : BW_ERR_CONFIG,
		    "%zu: loaded", i);
		if (first == NULL)
			first = c;
		else
			bw_config_unref(c);
		if (bwi_store_handle_store(first->stores[0].handle, &s, &e) !=
		    BW_OK)
			tap_diag("%s", e.msg);
		is_int(atomic_load(&s->compacted), steps[i].hours * 3600 * 1000,
		    "%zu: the age", i);
	}
	bw_config_unref(first);
}

#define EAST "<store id='east' url='sqlite:e.db'/>"
#define WEST "<store id='west' url='sqlite:w.db'/>"

/* want: of each finding "line: text", one per line. */
static const struct {
	const char *what;
	const char *text;
	const char *want;
} rows[] = {
    {"several stores",
	"<callbacks>" EAST WEST "<store url='sqlite:s.db'/>"
	"<voice path='/e' store='east'/><messaging path='/w' store='west'/>"
	"<voice path='/v'/></callbacks>",
	""},
    {"one store with an id",
	"<callbacks>" EAST "<voice path='/v'/></callbacks>", ""},
    {"compacting a database",
	"<callbacks><store url='postgresql:///x?spool=/s' compact='7d'/>"
	"<voice path='/v'/></callbacks>",
	"1: <store>: compact: only a store in SQLite has it\n"},
    {"an unknown store",
	"<callbacks>" EAST "\n<voice path='/v' store='eats'/></callbacks>",
	"2: <voice>: no <store id=\"eats\">, did you mean \"east\"?\n"},
    {"a store without any",
	"<callbacks><voice path='/v' store='a'/></callbacks>",
	"1: <voice>: no <store id=\"a\">\n"},
    {"a section between stores",
	"<callbacks>" EAST WEST "<voice path='/e' store='east'/>"
	"<voice path='/w' store='west'/>\n<voice path='/v'/></callbacks>",
	"2: <voice>: which store? Write store=\"east\", or remove the id of "
	"the <store> for sections without this attribute\n"},
    {"an unused store",
	"<callbacks>" EAST "\n" WEST "<voice path='/v' store='east'/>"
	"</callbacks>",
	"2: <store>: no section uses it; write store=\"ID\" at one, or remove "
	"it\n"},
    {"an unused store without an id",
	"<callbacks>" EAST "\n<store url='sqlite:s.db'/>"
	"<voice path='/v' store='east'/></callbacks>",
	"2: <store>: no section uses it; write store=\"ID\" at one, or remove "
	"it\n"},
    {"a store twice",
	"<callbacks>" EAST "\n<store id='east' url='sqlite:f.db'/>"
	"<voice path='/v' store='east'/></callbacks>",
	"2: <store>: duplicate id \"east\"\n"},
    {"two stores without an id",
	"<callbacks><store url='sqlite:e.db'/>\n<store url='sqlite:f.db'/>"
	"<voice path='/v'/></callbacks>",
	"2: <store>: duplicate, and only one may be without an id\n"},
    {"two stores with one path",
	"<callbacks>" EAST "\n<store url='sqlite:./e.db'/>"
	"<voice path='/e' store='east'/><voice path='/v'/></callbacks>",
	"2: <store>: url: the same as that of <store id=\"east\">\n"},
    {"two stores with one file",
	"<callbacks><store url='sqlite:c.xml'/>\n"
	"<store id='b' url='sqlite:link'/>"
	"<voice path='/e' store='b'/><voice path='/v'/></callbacks>",
	"2: <store>: url: the same as that of <store>\n"},
    {"the same name in two folders",
	"<callbacks>" EAST "<store url='sqlite:folder/e.db'/>"
	"<voice path='/e' store='east'/><voice path='/v'/></callbacks>",
	""},
    {"two stores in memory",
	"<callbacks><store url='mem:'/>\n<store id='b' url='mem:'/>"
	"<voice path='/e' store='b'/><voice path='/v'/></callbacks>",
	"2: <store>: url: the same as that of <store>\n"},
    {"an invalid id",
	"<callbacks><store id='a b' url='sqlite:e.db'/><voice path='/v'/>"
	"</callbacks>",
	"1: <store>: id: write letters, digits, \"-\" and \"_\"\n"},
    {"the store of a page",
	"<callbacks>" EAST "<voice path='/v'/>\n"
	"<health path='/h' store='east'/></callbacks>",
	"2: <health>: unknown attribute \"store\"; allowed: path, "
	"credentials\n"},
};

static struct bw_buf findings;

static void
take(void *arg, const struct bw_finding *f)
{
	(void)arg;
	bw_buf_printf(&findings, "%d: %s\n", f->line, f->text);
}

static void
test_findings(void)
{
	const struct bw_reporter reporter = {.fn = take};

	ok(symlink("c.xml", "link") == 0, "a link");
	ok(mkdir("folder", 0700) == 0, "a folder");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_config *c = NULL;
		enum bw_err err;

		bw_buf_init(&findings, 8192);
		scratch_write("c.xml", rows[i].text);
		err = bw_config_load("c.xml", &c, &reporter, NULL);
		bw_buf_putc(&findings, '\0');
		is_str(findings.p, rows[i].want, "%s", rows[i].what);
		is_int(err, *rows[i].want != '\0' ? BW_ERR_CONFIG : BW_OK,
		    "%s: result", rows[i].what);
		bw_buf_free(&findings);
		bw_config_unref(c);
	}
}

/* At most BW_MAX_STORES. */
static void
test_many(void)
{
	const struct bw_reporter reporter = {.fn = take};
	struct bw_config *c = NULL;
	struct bw_buf b;

	for (int more = 0; more < 2; more++) {
		bw_buf_init(&b, 1 << 16);
		bw_buf_puts(&b, "<callbacks>");
		for (int i = 0; i < BW_MAX_STORES + more; i++)
			bw_buf_printf(&b,
			    "<store id='s%d' url='sqlite:s%d.db'/>"
			    "<voice path='/v%d' store='s%d'/>",
			    i, i, i, i);
		bw_buf_add(&b, "</callbacks>", sizeof("</callbacks>"));
		scratch_write("c.xml", b.p);
		bw_buf_init(&findings, 8192);
		is_int(bw_config_load("c.xml", &c, &reporter, NULL),
		    more ? BW_ERR_CONFIG : BW_OK, "%d stores",
		    BW_MAX_STORES + more);
		ok(more == (findings.n > 0), "findings");
		bw_buf_free(&findings);
		bw_buf_free(&b);
		bw_config_unref(c);
		c = NULL;
	}
}

static void
is_store(const struct bw_config *c, size_t i, const char *id, const char *file)
{
	struct bw_config_store s;

	if (!ok(bw_config_store_of(c, i, &s), "store %zu", i))
		return;
	ok(id == NULL ? s.id.p == NULL : bw_str_is(s.id, id), "its id");
	is_str(strrchr(s.url, '/') + 1, file, "its file");
}

/* What the programs get. */
static void
test_list(void)
{
	struct bw_config *c = NULL;
	struct bw_config_store s;

	scratch_write("c.xml", rows[0].text);
	is_int(bw_config_load("c.xml", &c, NULL, NULL), BW_OK, "loaded");
	is_store(c, 0, "east", "e.db");
	is_store(c, 1, "west", "w.db");
	is_store(c, 2, NULL, "s.db");
	ok(!bw_config_store_of(c, 3, &s), "no more");
	is_str(
	    strrchr(bw_config_store(c), '/') + 1, "s.db", "the one without id");
	bw_config_unref(c);
	scratch_write("c.xml", rows[1].text);
	is_int(bw_config_load("c.xml", &c, NULL, NULL), BW_OK, "loaded");
	is_str(strrchr(bw_config_store(c), '/') + 1, "e.db", "the only one");
	bw_config_unref(c);
}

int
main(void)
{
	scratch_enter();
	test_keys();
	test_compacted();
	test_findings();
	test_many();
	test_list();
	return tap_done();
}
