#include <config.h>

#include "os/file_lock.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>

/* Between two tries, in milliseconds: at first, and at most. */
#define FIRST_PAUSE 1
#define LAST_PAUSE  20

bool
bwi_file_lock(int fd, int64_t patience)
{
	int64_t pause = FIRST_PAUSE;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		struct timespec t = {.tv_nsec = (long)pause * 1000000};

		if (errno != EWOULDBLOCK && errno != EINTR)
			return false;
		if (patience <= 0) {
			errno = EWOULDBLOCK;
			return false;
		}
		(void)nanosleep(&t, NULL);
		patience -= pause;
		if (pause < LAST_PAUSE)
			pause *= 2;
	}
	return true;
}
