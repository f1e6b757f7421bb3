/*
 * Runs a fuzz target without a fuzzer: on the payloads of tests/data and the
 * corpus, whole and cut.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "tests/tap/tap.h"

/*
 * Number of cuts of an input: more for small inputs, like those of the corpus.
 */
#define CUTS 40

static int inputs;

static void
run_file(const char *path)
{
	size_t n;
	char *text = tap_read_file(path, &n);

	if (text == NULL)
		return;
	for (size_t k = 0; k <= CUTS; k++) {
		/* A copy, so that tools detect reading past its end. */
		size_t len = n * k / CUTS;
		uint8_t *copy = malloc(len > 0 ? len : 1);

		if (copy == NULL)
			break;
		memcpy(copy, text, len);
		LLVMFuzzerTestOneInput(copy, len);
		free(copy);
		inputs++;
	}
	free(text);
}

static void
run_dir(const char *dir)
{
	struct dirent **files;
	int n = scandir(dir, &files, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char path[1024];
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", dir, files[i]->d_name);
		if (files[i]->d_name[0] != '.' && stat(path, &st) == 0) {
			if (S_ISDIR(st.st_mode))
				run_dir(path);
			else
				run_file(path);
		}
		free(files[i]);
	}
	if (n >= 0)
		free(files);
}

int
main(void)
{
	char corpus[1024];

	snprintf(corpus, sizeof(corpus), "%s/../fuzz/corpus", tap_data_dir());
	run_dir(tap_data_dir());
	ok(inputs > 1000, "%d inputs from tests/data", inputs);
	inputs = 0;
	run_dir(corpus);
	ok(inputs > 100, "%d inputs from the corpus", inputs);
	return tap_done();
}
