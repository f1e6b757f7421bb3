/* Waiting for descriptors. */
#include "os/poll.h"

#include <limits.h>

#define MS_NS INT64_C(1000000)

int
bwi_poll(struct pollfd *fds, nfds_t n, int64_t ns)
{
	int64_t ms = ns <= 0 ? 0 : (ns - 1) / MS_NS + 1;

	return poll(fds, n, ms < INT_MAX ? (int)ms : INT_MAX);
}
