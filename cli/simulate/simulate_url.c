/* Checks URLs on the command line by the rules for URLs in answers. */
#include <stdio.h>
#include <string.h>

#include <bwcallback/tools/url.h>

#include "cli/simulate/simulate.h"

struct url_position {
	const struct command *command;
	const char *url;
	bool nearby; /* a host that only this machine or network can reach */
};

/*
 * Do not report a local host or its port: applications are tested locally
 * first.
 */
static void
on_doubt(void *arg, enum bw_url_doubt doubt, const char *why)
{
	struct url_position *at = arg;
	struct bw_error e = {BW_OK, 0, ""};

	if (doubt == BW_URL_DOUBT_REACH)
		at->nearby = true;
	if (doubt == BW_URL_DOUBT_REACH ||
	    (doubt == BW_URL_DOUBT_PORT && at->nearby))
		return;
	/* bw_error_set() removes passwords from URLs. */
	(void)bw_error_set(&e, BW_ERR_USAGE, 0, "%.200s: %s", at->url, why);
	fprintf(
	    stderr, "bwcallback: %s: warning: %s\n", at->command->name, e.msg);
}

int
simulate_check_url(const struct command *c, const char *url)
{
	struct bw_str s = {url, url != NULL ? strlen(url) : 0};
	struct url_position at = {.command = c, .url = url};
	char why[BW_URL_WHY_SIZE];

	if (url == NULL)
		return -1;
	if (!bw_url_check(BW_URL_HTTP, s, why))
		return command_refuse(c, "%.200s: %s", url, why);
	bw_url_doubts(BW_URL_HTTP, s, on_doubt, &at);
	return -1;
}

int
simulate_check_urls(const struct command *c, const struct simulate_options *o)
{
	const char *const urls[] = {
	    c->group != SIMULATE_FOR_TEST && o->argc > 0 ? o->argv[0] : NULL,
	    o->url, o->status_url, o->fallback_url};
	int status = -1;

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]) && status < 0;
	     i++)
		status = simulate_check_url(c, urls[i]);
	return status;
}
