#ifndef BWI_OS_PROCESS_SPAWN_H
#define BWI_OS_PROCESS_SPAWN_H

#include <sys/types.h>

#include <bwcallback/tools/process.h>

/* The descriptors of a new process; err may be -1: it has ours. */
struct bwi_spawn_fds {
	int in;
	int out;
	int err;
};

/*
 * Could a child's status be lost, because we ignore SIGCHLD? A parent may have
 * left it to us ignored.
 */
bool bwi_spawn_loses_status(void);
/*
 * Start it in a process group of its own, with every signal as it is by
 * default. Returns an error number, as posix_spawn() does.
 */
int bwi_spawn(
    const struct bw_process *, const struct bwi_spawn_fds *, pid_t *) BW_CHECK;

#endif
