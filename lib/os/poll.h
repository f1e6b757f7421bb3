#ifndef BWI_OS_POLL_H
#define BWI_OS_POLL_H

#include <poll.h>
#include <stdint.h>

#include <bwcallback/export.h>

/*
 * poll(2) for so many nanoseconds, rounded up to milliseconds: it never returns
 * before they have passed. Not ppoll(): on 32-bit machines the checked one of
 * glibc (_FORTIFY_SOURCE) takes a time of 64 bits for one of 32.
 */
int bwi_poll(struct pollfd *, nfds_t, int64_t ns) BW_CHECK;

#endif
