#include <config.h>

#include "os/file_lock.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>

/* Pause between two attempts, in milliseconds: the first and the longest. */
#define FIRST_PAUSE 1
#define LAST_PAUSE  20

bool
bwi_file_lock(int fd, int64_t max_wait)
{
	int64_t pause = FIRST_PAUSE;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		struct timespec t = {.tv_nsec = (long)pause * 1000000};

		if (errno != EWOULDBLOCK && errno != EINTR)
			return false;
		if (max_wait <= 0) {
			errno = EWOULDBLOCK;
			return false;
		}
		(void)nanosleep(&t, NULL);
		max_wait -= pause;
		if (pause < LAST_PAUSE)
			pause *= 2;
	}
	return true;
}
