#ifndef BWF_LISTEN_OWN_H
#define BWF_LISTEN_OWN_H

#include "listen.h"

/*
 * Open the socket that a --listen names: "unix:PATH[,mode=0660]
 * [,group=GROUP]" or "HOST:PORT", an IPv6 host in brackets. PATH is kept, not
 * copied. BW_ERR_USAGE, BW_ERR_BUSY (somebody listens there), BW_ERR_IO.
 */
enum bw_err
listen_own(struct listener *, const char *spec, struct bw_error *) BW_CHECK;
/* Remove its path, if what is there is still the socket that was made. */
void listen_own_unlink(struct listener *);

#endif
