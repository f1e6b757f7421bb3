/* Reading by family: the filter of a segment has types only. */
#include "segments.h"
#include "tests/tap/tap.h"

/* Segments without a family are passed, once it is known that they have none.
 */
void
segments_families(void)
{
	struct bw_store_event other = fixture_event("message-sent", "o-1");
	struct bw_store_filter f = {.family = BW_STR("messaging")},
			       none = {.family = BW_STR("portout")};
	struct bw_store_result r = {0};
	struct bw_store *s = start();

	fill(s);
	make_filters();
	for (int i = 0; i < 2; i++) {
		is_int((long long)read_all(s, &f, true, 0, 99), 87654321,
		    "a family's, time %d", i + 1);
		is_int((long long)read_all(s, &none, true, 0, 99), 0,
		    "another's, time %d", i + 1);
	}
	other.family = BW_STR("portout");
	(void)fixture_append(s, &other, &r);
	is_int((long long)read_all(s, &none, true, 0, 99), 9, "its first");
	rotate();
	make_filters();
	for (int i = 0; i < 2; i++)
		is_int((long long)read_all(s, &none, true, 0, 99), 9,
		    "in a closed segment, time %d", i + 1);
	is_int((long long)read_all(s, &f, true, 0, 99), 87654321,
	    "the other family is there, too");
	stop(s);
}
