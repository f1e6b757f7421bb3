#ifndef BWI_OS_FILE_LOCK_H
#define BWI_OS_FILE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/error.h>

/*
 * Take the exclusive flock(2) lock of fd, waiting at most so many
 * milliseconds; closing fd releases it. False with errno: EWOULDBLOCK when
 * another process holds it all that time. Any other error comes back at once
 * and will not go away by trying again: a file system may have no locks at
 * all (ENOLCK, EOPNOTSUPP), and the caller decides what to do without.
 */
bool bwi_file_lock(int fd, int64_t patience) BW_CHECK;

#endif
