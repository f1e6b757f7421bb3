/*
 * A time of day that is BW_AHEAD seconds ahead, to be preloaded (tests/clocks),
 * and those that the file BW_AHEAD_FILE says, which a test may change
 * meanwhile. What is measured with the monotonic clock stays as it is: Debian's
 * faketime moves the ends of such waits too, so that Python cannot sleep.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t
from_file(const char *file)
{
	char text[32] = "";
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	(void)close(fd);
	return (time_t)strtoll(text, NULL, 10);
}

static time_t
ahead(void)
{
	const char *text = getenv("BW_AHEAD"), *file = getenv("BW_AHEAD_FILE");

	return (text != NULL ? (time_t)strtoll(text, NULL, 10) : 0) +
	       (file != NULL ? from_file(file) : 0);
}

int
clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, id, t);

	if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		t->tv_sec += ahead();
	return r;
}

int
gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	t->tv_sec = now.tv_sec;
	t->tv_usec = now.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *to)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME_COARSE, &now) != 0)
		return -1;
	if (to != NULL)
		*to = now.tv_sec;
	return now.tv_sec;
}
