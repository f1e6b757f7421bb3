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

enum bw_err
input_read_line(
    const char *name, struct bw_buf *b, const char **line, struct bw_error *e)
{
	enum bw_err err = input_read(name, b, e);

	bw_buf_putc(b, '\0');
	if (err == BW_OK && b->err != BW_OK)
		err = bw_error_set(
		    e, b->err, 0, "%s: %s", name, bw_strerror(b->err));
	if (err != BW_OK)
		return err;
	b->p[strcspn(b->p, "\r\n")] = '\0';
	*line = b->p;
	return BW_OK;
}
