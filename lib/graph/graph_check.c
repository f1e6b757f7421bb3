/* Reports the findings of a graph, and the limits of the web server. */
#include <stdio.h>

#include <bwcallback/limits.h>

#include "graph/graph.h"
#include "time/calendar.h"

#define S INT64_C(1000000000)

/*
 * Default limits of each web server, from its own documentation: nginx's
 * fastcgi_read_timeout and client_max_body_size, Apache's ProxyTimeout and
 * Timeout, mod_fcgid's FcgidIOTimeout and FcgidMaxRequestLen.
 */
static const struct hosting {
	const char *name; /* value of the option */
	const char *what;
	int64_t seconds; /* time limit for an answer */
	const char *timeout;
	int64_t body; /* largest body, bytes; 0: at least ours */
	const char *limit;
	bool process; /* starts a process for each callback */
} hostings[] = {
    [BW_SERVER_NGINX] = {"nginx", "nginx", 60, "fastcgi_read_timeout", 0, NULL,
	false},
    [BW_SERVER_APACHE] = {"apache", "mod_proxy_fcgi", 60, "ProxyTimeout", 0,
	NULL, false},
    [BW_SERVER_FCGID] = {"fcgid", "mod_fcgid", 40, "FcgidIOTimeout", 131072,
	"FcgidMaxRequestLen", false},
    [BW_SERVER_CGI] = {"cgi", "the web server", 60, "Timeout", 0, NULL, true},
};

/* Reading larger tables for each callback takes noticeable time. */
#define LARGE_TABLES (1024 * 1024)

enum bw_server
bw_server_of(const char *name)
{
	for (int i = BW_SERVER_NGINX; i <= BW_SERVER_CGI; i++) {
		if (strcmp(hostings[i].name, name) == 0)
			return (enum bw_server)i;
	}
	return BW_SERVER_UNKNOWN;
}

/* Destination of findings, and of the first error. */
struct findings_to {
	const struct bw_reporter *to;
	struct bw_error *error;
	enum bw_err err;
};

static void
report(struct findings_to *t, enum bw_severity severity, const char *file,
    int line, const char *text)
{
	struct bw_finding f = {severity, file, line, 0, text};

	if (severity == BW_SEVERITY_ERROR)
		t->err = bw_error_set(
		    t->error, BW_ERR_CONFIG, 0, "%s:%d: %s", file, line, text);
	if (t->to != NULL && t->to->fn != NULL)
		t->to->fn(t->to->arg, &f);
}

static void
check_body(
    struct findings_to *t, const struct bw_graph *g, const struct hosting *h)
{
	char text[256];

	if (h->body == 0 || h->body >= BW_MAX_BODY)
		return;
	(void)snprintf(text, sizeof(text),
	    "<callbacks>: %s takes bodies of %lld bytes by default, a callback "
	    "may have %d: write \"%s %d\" in its configuration",
	    h->what, (long long)h->body, BW_MAX_BODY, h->limit, BW_MAX_BODY);
	report(t, BW_SEVERITY_WARNING, g->file, g->line, text);
}

static void
check_deadlines(
    struct findings_to *t, const struct bw_graph *g, const struct hosting *h)
{
	for (size_t i = 0; i < g->sections.n; i++) {
		const struct bwi_graph_section *s = &g->sections.v[i];
		char text[256];

		if (!s->deadline || s->section->deadline < h->seconds * S)
			continue;
		(void)snprintf(text, sizeof(text),
		    "deadline: %s gives up after %lld s by default: write \"%s "
		    "%lld\" in its configuration",
		    h->what, (long long)h->seconds, h->timeout,
		    (long long)(s->section->deadline / S + 5));
		report(t, BW_SEVERITY_WARNING, s->file, s->line, text);
	}
}

static void
check_process(
    struct findings_to *t, const struct bw_graph *g, const struct hosting *h)
{
	char text[256];

	if (!h->process || g->tables <= LARGE_TABLES)
		return;
	(void)snprintf(text, sizeof(text),
	    "<callbacks>: a CGI program reads its tables, %lld kB, for every "
	    "callback: make them smaller, or use FastCGI",
	    (long long)(g->tables / 1024));
	report(t, BW_SEVERITY_WARNING, g->file, g->line, text);
}

enum bw_err
bw_graph_check(const struct bw_graph *g, enum bw_server server,
    const struct bw_reporter *reporter, struct bw_error *e)
{
	struct findings_to t = {reporter, e, BW_OK};

	if (server != BW_SERVER_UNKNOWN) {
		check_body(&t, g, &hostings[server]);
		check_deadlines(&t, g, &hostings[server]);
		check_process(&t, g, &hostings[server]);
	}
	for (size_t i = 0; i < g->findings.n; i++) {
		const struct bwi_graph_finding *f = &g->findings.v[i];

		report(&t, f->severity, f->file, f->line, f->text);
	}
	return t.err;
}

static bool
has_date(const struct bwi_dates *dates, int64_t from)
{
	for (int64_t day = from; day < from + 366; day++) {
		if (bwi_dates_on(dates, day))
			return true;
	}
	return false;
}

void
bw_graph_check_dates(
    const struct bw_graph *g, int64_t now, const struct bw_reporter *reporter)
{
	struct findings_to t = {reporter, NULL, BW_OK};

	for (size_t i = 0; i < g->config->ncalendars; i++) {
		const struct bwi_named_calendar *c = &g->config->calendars[i];
		char text[256];

		if (has_date(c->dates, bwi_calendar_day(now / 1000)))
			continue;
		(void)snprintf(text, sizeof(text),
		    "<calendar id=\"%.60s\">: no date of it is within the next "
		    "twelve months: add those of the next year",
		    c->id.p);
		report(&t, BW_SEVERITY_WARNING, c->file, c->line, text);
	}
}
