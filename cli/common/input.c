#include "cli/common/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum bw_err
input_read(const char *name, struct bw_buf *body, struct bw_error *error)
{
	bool standard = strcmp(name, "-") == 0;
	FILE *f = standard ? stdin : fopen(name, "rb");
	char chunk[4096];
	size_t n;

	if (f == NULL) {
		return bw_error_set(error, BW_ERR_NOFILE, errno, "%s: %s", name,
		    strerror(errno));
	}
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		bw_buf_add(body, chunk, n);
	if (ferror(f)) {
		bw_error_set(
		    error, BW_ERR_IO, errno, "%s: %s", name, strerror(errno));
	} else if (body->err != BW_OK) {
		bw_error_set(error, body->err, 0, "%s: %s", name,
		    bw_strerror(body->err));
	}
	if (!standard)
		fclose(f);
	return error->code;
}
