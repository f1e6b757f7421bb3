#ifndef BWI_OS_FILE_H
#define BWI_OS_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * Read a whole regular file of at most max bytes. *content is the caller's
 * (bwi_free) and terminated, the NUL not counted. A UTF-8 byte-order mark is
 * left out. BW_ERR_NOFILE, BW_ERR_LIMIT, BW_ERR_IO, BW_ERR_NOMEM; messages
 * begin with the path.
 */
enum bw_err bwi_file_read(const char *path, size_t max, char **content,
    size_t *n, struct bw_error *) BW_CHECK;
/*
 * The same with every byte, and what the file was when it was opened: all
 * zero when it could not be.
 */
enum bw_err bwi_file_load(const char *path, size_t max, char **content,
    size_t *n, struct stat *, struct bw_error *) BW_CHECK;
/*
 * Write all of it, at the descriptor's position. False with errno when
 * something could not be written; part of it may have been.
 */
bool bwi_file_write(int fd, struct bw_str) BW_CHECK;
/*
 * Append a path, made absolute by the working directory, which a program that
 * runs for long may change. BW_ERR_LIMIT in the buffer: there is none.
 */
void bwi_file_absolute(const char *path, struct bw_buf *);

#endif
