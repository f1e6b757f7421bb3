/* Counting wrong passwords by their source. */
#include "auth/suspects.h"

#include "tests/tap/tap.h"

#define DECAY INT64_C(1000)

static void
test_count(void)
{
	static struct bwi_suspects s;

	is_int(bwi_suspects_count(&s, 7, 0, DECAY), 0, "nothing is known");
	bwi_suspects_add(&s, 7, 0, DECAY);
	bwi_suspects_add(&s, 7, 500, DECAY);
	is_int(bwi_suspects_count(&s, 7, 500, DECAY), 2, "two were counted");
	is_int(bwi_suspects_count(&s, 8, 500, DECAY), 0, "not for another");
	is_int(bwi_suspects_count(&s, 7, 999, DECAY), 2, "both still count");
	is_int(bwi_suspects_count(&s, 7, 1000, DECAY), 1, "one no longer");
	is_int(bwi_suspects_count(&s, 7, 1999, DECAY), 1, "the other still");
	is_int(bwi_suspects_count(&s, 7, 2000, DECAY), 0, "none");
	for (int i = 0; i < 100; i++)
		bwi_suspects_add(&s, 7, 3000, DECAY);
	is_int(bwi_suspects_count(&s, 7, 3000, DECAY), BWI_SUSPECTS_MAX,
	    "at most so many are counted");
	is_int(
	    bwi_suspects_count(&s, 7, 3000 + BWI_SUSPECTS_MAX * DECAY, DECAY),
	    0, "and forgotten again");
}

/* Many sources with one each do not drive out those with more. */
static void
test_many(void)
{
	static struct bwi_suspects s;
	uint64_t first = 1000;
	int counted = 0, fresh = 0;

	for (int i = 0; i < 3; i++)
		bwi_suspects_add(&s, 7, 0, DECAY);
	for (uint64_t i = first; i < first + 4 * BWI_SUSPECTS; i++) {
		bwi_suspects_add(&s, i, 0, DECAY);
		counted += bwi_suspects_count(&s, 7, 0, DECAY) == 3;
		fresh += bwi_suspects_count(&s, i, 0, DECAY) == 1;
	}
	is_int(
	    counted, 4 * BWI_SUSPECTS, "the one with most is never forgotten");
	is_int(fresh, 4 * BWI_SUSPECTS, "the newest one is always counted");
}

int
main(void)
{
	test_count();
	test_many();
	return tap_done();
}
