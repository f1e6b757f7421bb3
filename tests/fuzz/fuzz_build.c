/* The builder: any finished document is accepted by the check. */
#include <stdlib.h>

#include <bwcallback/bxml.h>

#include "fuzz.h"
#include "tests/support/random_bxml.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bw_bxml_options o = {.lenient = false};
	struct dice d = {p, n};
	struct bw_buf out;

	bw_buf_init(&out, 1 << 20);
	if (random_bxml(&d, &out, &o.answering) != BW_OK) {
		if (out.n != 0)
			abort();
	} else if (bw_bxml_check("built", (struct bw_str){out.p, out.n}, &o,
		       NULL, NULL) != BW_OK) {
		abort();
	}
	bw_buf_free(&out);
	return 0;
}
