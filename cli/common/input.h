#ifndef BWC_COMMON_INPUT_H
#define BWC_COMMON_INPUT_H

#include <bwcallback/buf.h>

/*
 * Append a whole file, "-" for standard input. Errors: BW_ERR_NOFILE;
 * BW_ERR_IO; BW_ERR_LIMIT if the buffer is full. error must be all zero before
 * the call; its text names the file.
 */
enum bw_err
input_read(const char *name, struct bw_buf *, struct bw_error *) BW_CHECK;

/*
 * Read the first line of a file, such as a password. line points into the
 * buffer, which the caller wipes and frees. Errors as above.
 */
enum bw_err input_read_line(const char *name, struct bw_buf *,
    const char **line, struct bw_error *) BW_CHECK;

#endif
