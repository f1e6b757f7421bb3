/* bwcallback simulate: tells what happens. */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/base/memory.h"
#include "sim/base/printable.h"
#include "sim/report/transcript.h"

#include "cli/simulate/simulate.h"

struct simulate_teller {
	struct sim_story *story; /* NULL: as JSON */
	struct sim_tally tally;
	bool masked;
};

static bool
wants_colour(void)
{
	const char *never = getenv("NO_COLOR");

	return (never == NULL || *never == '\0') && isatty(STDOUT_FILENO) != 0;
}

struct simulate_teller *
simulate_teller_new(bool json, bool masked)
{
	struct simulate_teller *t = sim_alloc(sizeof(*t));

	t->masked = masked;
	if (!json)
		t->story = sim_story_new(stdout, wants_colour());
	if (t->story != NULL && masked)
		sim_story_mask(t->story);
	return t;
}

void
simulate_teller_free(struct simulate_teller *t)
{
	if (t != NULL)
		sim_story_free(t->story);
	free(t);
}

static void
tell(void *arg, const struct sim_note *n)
{
	struct simulate_teller *t = arg;

	sim_tally_note(&t->tally, n);
	if (t->story != NULL)
		sim_story_note(t->story, n);
	else
		sim_story_json(stdout, n);
	/* Who watches a call in real time sees each line when it happens. */
	(void)fflush(stdout);
}

struct sim_observer
simulate_teller_observer(struct simulate_teller *t)
{
	return (struct sim_observer){tell, t};
}

static void
put_count(const char *what, uint64_t n)
{
	if (n > 0)
		printf(", %s: %" PRIu64, what, n);
}

int
simulate_teller_end(struct simulate_teller *t, const char *undone)
{
	const struct sim_tally *c = &t->tally;
	bool wrong = sim_tally_is_wrong(c) || undone != NULL;

	if (t->story == NULL)
		return wrong ? 1 : 0;
	printf("\n%" PRIu64 " callback%s in %" PRIu64 " request%s",
	    c->callbacks, c->callbacks == 1 ? "" : "s", c->asks,
	    c->asks == 1 ? "" : "s");
	put_count("nobody took", c->failed);
	put_count("only a fallback answered", c->fallbacks);
	put_count("errors", c->errors);
	put_count("doubtful", c->warnings);
	if (c->ended < c->calls)
		put_count("without an end", c->calls - c->ended);
	if (undone != NULL) {
		fputs(", and nobody asked for: ", stdout);
		sim_plain_text(stdout, t->masked ? "****" : undone);
	}
	puts(wrong ? "." : ": nothing was wrong.");
	return wrong ? 1 : 0;
}
