/* What the attributes of a <store> add to its URL. */
#include <config.h>

#include <string.h>

#include <bwcallback/config.h>

#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

#ifdef HAVE_LIBPQ

#define DATABASE(store) \
	"<callbacks><store " store "/><voice path='/v'/></callbacks>"

static const struct {
	const char *text;
	enum bw_err err;
	const char *in_url; /* a part of the URL that commands open */
} databases[] = {
    {DATABASE("url='postgresql://u@/d?host=/x' spool='a b.spool'"), BW_OK,
	"postgresql://u@/d?host=/x&spool=%2F"},
    {DATABASE("url='postgresql://u@/d?host=/x' spool='a b.spool'"), BW_OK,
	"a%20b.spool"},
    {DATABASE("url='postgresql://localhost/d' spool='s' single='yes'"), BW_OK,
	"&single=yes"},
    {DATABASE("url='postgresql://localhost/d' spool='s' passfile='p'"), BW_OK,
	"?passfile=%2F"},
    {DATABASE("url='postgresql://localhost/d'"), BW_ERR_CONFIG, NULL},
    {DATABASE("url='postgresql://u:p@localhost/d' spool='s'"), BW_ERR_CONFIG,
	NULL},
    {DATABASE("url='postgresql://h/d?sslmode=require' spool='s'"),
	BW_ERR_CONFIG, NULL},
    {DATABASE("url='postgresql://localhost/d' spool='s' single='no'"),
	BW_ERR_CONFIG, NULL},
    {DATABASE("url='sqlite:s.db' spool='s'"), BW_ERR_CONFIG, NULL},
    {DATABASE("url='mysql://h/d'"), BW_ERR_CONFIG, NULL},
    {"<callbacks><store id='a' url='postgresql://localhost/d' spool='s'/>"
     "<store id='b' url='postgresql://localhost/e' spool='./s'/>"
     "<voice path='/v' store='a'/><voice path='/w' store='b'/></callbacks>",
	BW_ERR_CONFIG, NULL},
    {"<callbacks><store id='a' url='postgresql://localhost/d' spool='s'/>"
     "<store id='b' url='postgresql://localhost/e' spool='t'/>"
     "<voice path='/v' store='a'/><voice path='/w' store='b'/></callbacks>",
	BW_OK, "/d"},
};

/* The attributes become a part of the URL; nothing is connected to. */
static void
test_databases(void)
{
	for (size_t i = 0; i < sizeof(databases) / sizeof(databases[0]); i++) {
		struct bw_config *c = NULL;
		const char *url;

		scratch_write("c.xml", databases[i].text);
		is_int(bw_config_load("c.xml", &c, NULL, NULL),
		    databases[i].err, "%s", databases[i].text);
		url = c != NULL ? bw_config_store(c) : NULL;
		ok(databases[i].in_url == NULL ||
			(url != NULL &&
			    strstr(url, databases[i].in_url) != NULL),
		    "%s: %s", databases[i].text, url != NULL ? url : "none");
		bw_config_unref(c);
	}
}

#endif

int
main(void)
{
#ifdef HAVE_LIBPQ
	scratch_enter();
	test_databases();
	return tap_done();
#else
	return tap_skip_all("built without PostgreSQL");
#endif
}
