/* How many requests may be parked. */
#include "callback/life_parked.h"

#include <limits.h>
#include <stdatomic.h>

#include "callback/life.h"
#include "config/config_internal.h"

/*
 * Once so many requests with its store are parked, a request of a priority does
 * not wait: a message gets a 503, and a call is answered before it is stored.
 */
#define MAX_PARKED 1024
static const unsigned max_parked[BWI_PRIORITY__MAX] = {
    [BWI_PRIORITY_REPEATED] = MAX_PARKED - 256,
    [BWI_PRIORITY_ONCE] = MAX_PARKED - 128,
    [BWI_PRIORITY_CALL] = MAX_PARKED - 64,
    [BWI_PRIORITY_DECISION] = UINT_MAX,
};
static atomic_uint parked, storeless; /* all; without a store */

static enum bwi_priority
priority_of(const struct bwi_section *s)
{
	switch (s->kind) {
	case BWI_SECTION_PORTOUT:
	case BWI_SECTION_EMERGENCY:
		return BWI_PRIORITY_DECISION;
	case BWI_SECTION_MESSAGING:
		return BWI_PRIORITY_REPEATED;
	default:
		return bwi_section_is_bxml(s->kind) ? BWI_PRIORITY_CALL
						    : BWI_PRIORITY_ONCE;
	}
}

void
bwi_life_set_priority(
    struct bw_callback_context *w, const struct bwi_section *s)
{
	unsigned n = s->store != NULL ? bwi_store_handle_parked(s->store)
				      : atomic_load(&storeless);

	w->parking.priority = priority_of(s);
	w->parking.hurry = n >= max_parked[w->parking.priority];
}

void
bwi_life_count_parked(struct bw_callback_context *w, bool waits)
{
	if (waits == w->counted)
		return;
	w->counted = waits;
	atomic_fetch_add(&parked, waits ? 1U : -1U);
	if (w->section->store != NULL)
		bwi_store_handle_count_parked(w->section->store, waits);
	else
		atomic_fetch_add(&storeless, waits ? 1U : -1U);
}

unsigned
bwi_life_parked(void)
{
	return atomic_load(&parked);
}
