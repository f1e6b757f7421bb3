#ifndef BWI_OS_FILE_H
#define BWI_OS_FILE_H

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * Read a whole regular file of at most max bytes. *content is the caller's
 * (bwi_free) and NUL-terminated; the NUL is not counted. A UTF-8 byte-order
 * mark is skipped. BW_ERR_NOFILE, BW_ERR_LIMIT, BW_ERR_IO, BW_ERR_NOMEM;
 * messages begin with the path.
 */
enum bw_err bwi_file_read(const char *path, size_t max, char **content,
    size_t *n, struct bw_error *) BW_CHECK;
/*
 * Like bwi_file_read(), but with every byte of the file. The struct stat is the
 * file's when it was opened; all zero when it could not be opened.
 */
enum bw_err bwi_file_load(const char *path, size_t max, char **content,
    size_t *n, struct stat *, struct bw_error *) BW_CHECK;
/*
 * open(2) with O_CLOEXEC for regular files only: never blocks, as on a FIFO,
 * and has no effect on a device. -1 with errno; BWI_FILE_IRREGULAR for another
 * kind of file. st may be NULL.
 */
int bwi_file_open(const char *path, int flags, mode_t, struct stat *) BW_CHECK;
#define BWI_FILE_IRREGULAR ENOTBLK
/* Is there a file of another kind at the path? */
bool bwi_file_is_irregular(const char *path);
/*
 * Write the whole text at the descriptor's position. False with errno on
 * failure; part of the text may have been written then.
 */
bool bwi_file_write(int fd, struct bw_str) BW_CHECK;
/*
 * Append a path, made absolute relative to the working directory: a
 * long-running program may change directory later. Sets BW_ERR_LIMIT in the
 * buffer when there is no working directory.
 */
void bwi_file_absolute(const char *path, struct bw_buf *);

#endif
