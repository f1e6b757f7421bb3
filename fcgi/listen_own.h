#ifndef BWF_LISTEN_OWN_H
#define BWF_LISTEN_OWN_H

#include "listen.h"

/*
 * Open the socket of a --listen: "unix:PATH[,mode=0660][,group=GROUP]" or
 * "HOST:PORT", an IPv6 host in brackets. Copies PATH. BW_ERR_USAGE, BW_ERR_BUSY
 * (another process listens there), BW_ERR_IO.
 */
enum bw_err
listen_own(struct listener *, const char *spec, struct bw_error *) BW_CHECK;
/* Remove the unix socket's path, if it still is the socket that was created. */
void listen_own_unlink(struct listener *);

#endif
