#ifndef BWI_BASE_SERVER_LOAD_H
#define BWI_BASE_SERVER_LOAD_H

#include <stdbool.h>

#include <bwcallback/tools/operation.h>

/* See bw_operation_set_load(). */
void
bwi_server_load_set(void (*)(void *arg, struct bw_operation_load *), void *arg);
/* false: this process is no server. */
bool bwi_server_load(struct bw_operation_load *);

#endif
