#include "base/parking.h"

#include <bwcallback/tools/clock.h>

bool
bwi_parking_over(struct bwi_parking *p, int64_t until)
{
	if (bw_monotonic_ns() >= until)
		return true;
	p->parked.until = until;
	p->parked.nfds = 0;
	return false;
}

void
bwi_parking_slow(const struct bwi_parking *p)
{
	if (p->waker.slow != NULL)
		p->waker.slow(p->waker.arg);
}
