#include <config.h>

#include "auth/suspects.h"

/* Number of entries in the set that a source selects. */
#define WAYS 4

static struct bwi_suspect *
set_of(struct bwi_suspects *s, uint64_t source)
{
	return &s->at[source % (BWI_SUSPECTS / WAYS) * WAYS];
}

static void
forget(struct bwi_suspect *x, int64_t now, int64_t decay)
{
	int64_t fewer = (now - x->since) / decay;

	if (fewer <= 0)
		return;
	x->wrong = fewer < x->wrong ? x->wrong - fewer : 0;
	x->since += fewer * decay;
}

int64_t
bwi_suspects_count(
    struct bwi_suspects *s, uint64_t source, int64_t now, int64_t decay)
{
	struct bwi_suspect *set = set_of(s, source);

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].wrong == 0 || set[i].source != source)
			continue;
		forget(&set[i], now, decay);
		return set[i].wrong;
	}
	return 0;
}

/* The entry of the source. If there is none, the entry with the lowest
 * count. */
static struct bwi_suspect *
find_or_evict(struct bwi_suspect *set, uint64_t source)
{
	struct bwi_suspect *least = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].wrong != 0 && set[i].source == source)
			return &set[i];
		if (set[i].wrong < least->wrong)
			least = &set[i];
	}
	least->wrong = 0;
	return least;
}

void
bwi_suspects_add(
    struct bwi_suspects *s, uint64_t source, int64_t now, int64_t decay)
{
	struct bwi_suspect *set = set_of(s, source), *x;

	for (size_t i = 0; i < WAYS; i++)
		forget(&set[i], now, decay);
	x = find_or_evict(set, source);
	if (x->wrong == 0)
		*x = (struct bwi_suspect){.source = source, .since = now};
	if (x->wrong < BWI_SUSPECTS_MAX)
		x->wrong++;
}
