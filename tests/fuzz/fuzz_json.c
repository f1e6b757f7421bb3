/* The JSON scanner, compared with json-c. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "oracle.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bw_str text = {(const char *)p, n};
	struct bw_error error = {0};
	struct bwi_tree t;
	enum bw_err err;
	const char *what;

	bwi_tree_init(&t);
	err = bwi_json_parse(&t, text, &error);
	fuzz_check_error(err, &error);
	if (err == BW_OK)
		fuzz_check_tree(&t);
	bwi_tree_free(&t);
	what = oracle_compare(text);
	if (what != NULL) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
	return 0;
}
