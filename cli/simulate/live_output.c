/* bwcallback simulate: print what happens. */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/base/memory.h"
#include "sim/base/printable.h"
#include "sim/report/transcript.h"

#include "cli/simulate/simulate.h"

struct live_output {
	struct sim_transcript *story; /* NULL: as JSON */
	struct sim_tally tally;
	bool masked;
};

static bool
wants_colour(void)
{
	const char *never = getenv("NO_COLOR");

	return (never == NULL || *never == '\0') && isatty(STDOUT_FILENO) != 0;
}

struct live_output *
live_output_new(bool json, bool masked)
{
	struct live_output *t = sim_alloc(sizeof(*t));

	t->masked = masked;
	if (!json)
		t->story = sim_transcript_new(stdout, wants_colour());
	if (t->story != NULL && masked)
		sim_transcript_mask(t->story);
	return t;
}

void
live_output_free(struct live_output *t)
{
	if (t != NULL)
		sim_transcript_free(t->story);
	free(t);
}

static void
print_entry(void *arg, const struct sim_log_entry *n)
{
	struct live_output *t = arg;

	sim_tally_log(&t->tally, n);
	if (t->story != NULL)
		sim_transcript_log(t->story, n);
	else
		sim_transcript_json(stdout, n);
	/* In real time, each line must appear when it happens. */
	(void)fflush(stdout);
}

struct sim_log_observer
live_output_observer(struct live_output *t)
{
	return (struct sim_log_observer){print_entry, t};
}

static void
put_count(const char *what, uint64_t n)
{
	if (n > 0)
		printf(", %s: %" PRIu64, what, n);
}

int
live_output_end(struct live_output *t, const char *undone)
{
	const struct sim_tally *c = &t->tally;
	bool wrong = sim_tally_is_wrong(c) || undone != NULL;

	if (t->story == NULL)
		return wrong ? 1 : 0;
	printf("\n%" PRIu64 " callback%s in %" PRIu64 " request%s",
	    c->callbacks, c->callbacks == 1 ? "" : "s", c->requests,
	    c->requests == 1 ? "" : "s");
	put_count("not delivered", c->failed);
	put_count("only a fallback answered", c->fallbacks);
	put_count("answered without asking for credentials", c->unasked);
	put_count("errors", c->errors);
	put_count("warnings", c->warnings);
	if (c->ended < c->calls)
		put_count("without an end", c->calls - c->ended);
	if (undone != NULL) {
		fputs(", unused --digits \"", stdout);
		sim_printable_text(stdout, t->masked ? "****" : undone);
		fputs("\": no Gather waited for it", stdout);
	}
	puts(wrong ? "." : ": nothing was wrong.");
	return wrong ? 1 : 0;
}
