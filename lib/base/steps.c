#include "base/steps.h"

#include <bwcallback/tools/clock.h>

static const char *const names[BWI_TIMED__MAX] = {
#define X(name, text) [BWI_TIMED_##name] = text,
#include "base/steps.def"
#undef X
};

void
bwi_steps_begin(struct bwi_steps *s, int64_t arrived)
{
	*s = (struct bwi_steps){.since = arrived};
}

int64_t
bwi_steps_add(struct bwi_steps *s)
{
	int64_t now = bw_monotonic_ns();

	s->took[s->now] += now - s->since;
	s->since = now;
	return now;
}

/* Entering the same step again costs no look at the clock. */
void
bwi_steps_enter(struct bwi_steps *s, enum bwi_timed step)
{
	if (step == s->now)
		return;
	(void)bwi_steps_add(s);
	s->now = step;
}

const char *
bwi_steps_name(enum bwi_timed step)
{
	return names[step];
}
