#ifndef BWI_OS_SPAWN_HELPER_SERVE_H
#define BWI_OS_SPAWN_HELPER_SERVE_H

/*
 * What the helper process does, see spawn_helper.h: it starts programs until
 * the other side of the socket is closed, and then exits.
 */
_Noreturn void bwi_helper_serve(int socket);

#endif
