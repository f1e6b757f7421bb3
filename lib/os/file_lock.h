#ifndef BWI_OS_FILE_LOCK_H
#define BWI_OS_FILE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/error.h>

/*
 * Take the exclusive flock(2) lock of fd, waiting at most max_wait
 * milliseconds; closing fd releases the lock. False with errno: EWOULDBLOCK
 * when another process held the lock for the whole time. Any other error is
 * returned at once and is permanent: some file systems have no locks (ENOLCK,
 * EOPNOTSUPP), and the caller decides how to go on without.
 */
bool bwi_file_lock(int fd, int64_t max_wait) BW_CHECK;

#endif
