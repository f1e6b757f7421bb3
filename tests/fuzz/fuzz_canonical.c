/*
 * The canonical form of a signed body: no byte but white space is added or
 * lost.
 */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/limits.h>

#include "auth/json_canonical.h"
#include "fuzz.h"

/* Count each byte except white space. */
static void
count(struct bw_str s, size_t counts[256])
{
	memset(counts, 0, 256 * sizeof(counts[0]));
	for (size_t i = 0; i < s.n; i++) {
		if (strchr(" \t\r\n", s.p[i]) == NULL || s.p[i] == '\0')
			counts[(unsigned char)s.p[i]]++;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bw_str in = {(const char *)p, n};
	size_t before[256], after[256];

	count(in, before);
	for (int sorted = 0; sorted <= 1; sorted++) {
		struct bw_buf once, twice;

		bw_buf_init(&once, BW_MAX_BODY * 2);
		bw_buf_init(&twice, BW_MAX_BODY * 2);
		if (n <= BW_MAX_BODY &&
		    bwi_json_canonical_add(&once, in, sorted != 0)) {
			struct bw_str out = {once.p, once.n};

			count(out, after);
			if (memcmp(before, after, sizeof(before)) != 0 ||
			    !bwi_json_canonical_add(&twice, out, sorted != 0) ||
			    !bw_str_eq(out, (struct bw_str){twice.p, twice.n}))
				abort();
		}
		bw_buf_free(&once);
		bw_buf_free(&twice);
	}
	return 0;
}
