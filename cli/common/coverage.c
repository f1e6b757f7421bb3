#include "cli/common/coverage.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/base/printable.h"

#include <bwcallback/tools/config.h>

struct coverage {
	struct bw_config *config;
	uint64_t *counts;
	size_t n;
};

struct coverage *
coverage_new(const char *flow, const struct bw_reporter *to)
{
	struct coverage *c = sim_alloc(sizeof(*c));

	if (bw_config_load(flow, &c->config, to, NULL) != BW_OK) {
		free(c);
		return NULL;
	}
	while (bw_config_rule(c->config, c->n) != NULL)
		c->n++;
	c->counts = sim_resize(NULL, 0, c->n, sizeof(*c->counts));
	return c;
}

void
coverage_free(struct coverage *c)
{
	if (c == NULL)
		return;
	bw_config_unref(c->config);
	free(c->counts);
	free(c);
}

void
coverage_log(void *coverage, const struct sim_log_entry *n)
{
	struct coverage *c = coverage;

	if (n->kind != SIM_LOG_REQUEST || n->reply == NULL ||
	    n->reply->rule_file == NULL)
		return;
	for (size_t i = 0; i < c->n; i++) {
		const struct bw_rule *r = bw_config_rule(c->config, i);

		if (r->line == n->reply->rule_line &&
		    strcmp(r->file, n->reply->rule_file) == 0) {
			c->counts[i]++;
			return;
		}
	}
}

void
coverage_count(const struct coverage *c, size_t *rules, size_t *tried)
{
	*rules = c->n;
	*tried = 0;
	for (size_t i = 0; i < c->n; i++)
		*tried += c->counts[i] > 0;
}

void
coverage_untried(const struct coverage *c, FILE *f, const char *before)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct bw_rule *r = bw_config_rule(c->config, i);

		if (c->counts[i] > 0)
			continue;
		fputs(before, f);
		sim_printable_text(f, r->file);
		fprintf(f, ":%d: ", r->line);
		if (r->event.p != NULL)
			sim_printable(f, r->event);
		else
			fputs("anything", f);
		fputs(" at ", f);
		sim_printable(f, r->section);
		putc('\n', f);
	}
}

void
coverage_write(const struct coverage *c, FILE *f)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct bw_rule *r = bw_config_rule(c->config, i);

		fprintf(
		    f, "%" PRIu64 " %s:%d\n", c->counts[i], r->file, r->line);
	}
}
