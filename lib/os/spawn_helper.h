#ifndef BWI_OS_SPAWN_HELPER_H
#define BWI_OS_SPAWN_HELPER_H

#include <sys/types.h>

#include <bwcallback/tools/process.h>

#include "os/process_spawn.h"

/*
 * Starting programs through a helper process, forked before this process
 * confined itself (bw_programs_by_helper()): a program would inherit a system
 * call filter. The helper forks programs as children of this process, so they
 * are waited for and killed as always; only the start is asked for. There are
 * two helpers. When one ends, the other one is asked, and makes a new one.
 */

/* Is there a helper to ask? */
bool bwi_spawn_helper_exists(void);
/*
 * Like bwi_spawn(). EPIPE: no helper is left; ETIMEDOUT: it did not answer
 * before the deadline of the program.
 */
int bwi_spawn_helper_ask(
    const struct bw_process *, const struct bwi_spawn_fds *, pid_t *) BW_CHECK;

#endif
