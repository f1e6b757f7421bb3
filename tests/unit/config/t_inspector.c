/* Loading <inspector>: its users, its host, and the paths that it has. */
#include <string.h>

#include <bwcallback/config.h>

#include "config/config_internal.h"
#include "config/inspector.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

#define BEGIN \
	"<callbacks><credentials id='c' file='passwd'/><voice path='/v'/>" \
	"<voice path='/_i/v'/>\n"
#define INSPECTOR "<inspector path='/_i' credentials='c' "

static const struct {
	const char *text;
	const char *want; /* the findings */
} rows[] = {
    {BEGIN INSPECTOR "/></callbacks>", ""},
    {BEGIN INSPECTOR "reveal='u' act=' u  u ' play='u' "
		     "host='https://ops.example.com:8443'/></callbacks>",
	""},
    {BEGIN "<inspector path='/_i'/></callbacks>",
	"2: error: <inspector>: the attribute \"credentials\" is missing\n"},
    {BEGIN INSPECTOR "act='u nobody'/></callbacks>",
	"2: warning: <inspector>: act: the password file has no user "
	"\"nobody\"\n"},
    {BEGIN INSPECTOR "host='ops'/></callbacks>",
	"2: error: <inspector>: host: write it in lower case as "
	"\"https://ops.example.com\"\n"},
    {BEGIN INSPECTOR "host='https://a/b'/></callbacks>",
	"2: error: <inspector>: host: write it in lower case as "
	"\"https://ops.example.com\"\n"},
    {BEGIN "<inspector path='/_i/' credentials='c'/></callbacks>",
	"2: error: <inspector>: path: write it without a slash at its end, "
	"like \"/_inspector\"\n"},
    {BEGIN "<inspector path='/' credentials='c'/></callbacks>",
	"2: error: <inspector>: path: write it without a slash at its end, "
	"like \"/_inspector\"\n"},
    {BEGIN INSPECTOR "/>\n<inspector path='/_k' credentials='c'/>"
		     "</callbacks>",
	"3: error: <inspector>: only one is allowed\n"},
};

static void
collect(void *arg, const struct bw_finding *f)
{
	bw_buf_printf(arg, "%d: %s: %s\n", f->line,
	    f->severity == BW_SEVERITY_ERROR ? "error" : "warning", f->text);
}

static void
test_findings(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_config *config = NULL;
		struct bw_buf found;
		const struct bw_reporter reporter = {collect, &found};

		bw_buf_init(&found, 4096);
		scratch_write("c.xml", rows[i].text);
		(void)!bw_config_load("c.xml", &config, &reporter, NULL);
		bw_buf_putc(&found, '\0');
		is_str(found.p, rows[i].want, "inspector %zu", i);
		bw_buf_free(&found);
		bw_config_unref(config);
	}
}

static const struct {
	const char *path;
	const char *want; /* element of the section; NULL: none */
} routes[] = {
    {"/_i", "inspector"},
    {"/_i/", "inspector"},
    {"/_i/events", "inspector"},
    {"/_i/v", "voice"},
    {"/_i/v/x", "inspector"},
    {"/v", "voice"},
    {"/_ix", NULL},
    {"/_", NULL},
    {"/", NULL},
    {"/v/x", NULL},
};

static void
test_routes(const struct bw_config *config)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		const char *path = routes[i].path;
		const struct bwi_section *s = bwi_config_route(
		    config, (struct bw_str){path, strlen(path)});

		is_str(s != NULL ? bwi_section_element(s->kind) : "none",
		    routes[i].want != NULL ? routes[i].want : "none", "%s",
		    path);
	}
}

static const struct {
	const char *user;
	bool may[BWI_PERMISSION__MAX]; /* look, reveal, act, play */
} users[] = {
    {"u", {true, true, true, true}},
    {"v", {true, false, true, true}},
    {"w", {true, false, false, true}},
    {"", {true, false, false, true}},
    {"u v", {true, false, false, true}},
};

static void
test_users(const struct bw_config *config)
{
	const struct bwi_inspector *i = config->inspector->inspector;

	for (size_t u = 0; u < sizeof(users) / sizeof(users[0]); u++) {
		struct bw_str user = {users[u].user, strlen(users[u].user)};

		for (int p = 0; p < BWI_PERMISSION__MAX; p++)
			ok(bwi_inspector_allows(i, (enum bwi_permission)p,
			       user) == users[u].may[p],
			    "%s: %s", users[u].user,
			    bwi_permission_name((enum bwi_permission)p));
	}
}

int
main(void)
{
	struct bw_config *config = NULL;

	scratch_enter();
	scratch_write("passwd",
	    "u:$2y$10$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK\n");
	test_findings();
	scratch_write(
	    "c.xml", BEGIN INSPECTOR "reveal='u' act='v\tu'/></callbacks>");
	if (ok(bw_config_load("c.xml", &config, NULL, NULL) == BW_OK,
		"loads")) {
		test_routes(config);
		test_users(config);
	}
	bw_config_unref(config);
	return tap_done();
}
