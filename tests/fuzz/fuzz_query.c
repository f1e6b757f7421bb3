/* Query strings; only their size can make them fail. */
#include <stdlib.h>

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bw_error error = {0};
	struct bwi_tree t;
	enum bw_err err;

	bwi_tree_init(&t);
	err = bwi_query_parse(&t, (struct bw_str){(const char *)p, n}, &error);
	fuzz_check_error(err, &error);
	if (err == BW_OK)
		fuzz_check_tree(&t);
	else if (err != BW_ERR_LIMIT)
		abort();
	bwi_tree_free(&t);
	return 0;
}
