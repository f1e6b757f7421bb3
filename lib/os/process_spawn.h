#ifndef BWI_OS_PROCESS_SPAWN_H
#define BWI_OS_PROCESS_SPAWN_H

#include <sys/types.h>

#include <bwcallback/tools/process.h>

/* Descriptors of a new process; err may be -1: it inherits ours. */
struct bwi_spawn_fds {
	int in;
	int out;
	int err;
};

/*
 * Is SIGCHLD ignored, so that a child's exit status would be lost? The parent
 * process may have started us that way.
 */
bool bwi_spawn_loses_status(void);
/*
 * Start the program in a process group of its own, with default signal
 * dispositions and no signal blocked. A helper process, if there is one, has
 * until the deadline of the program to do it. Returns an error number, as
 * posix_spawn() does.
 */
int bwi_spawn(
    const struct bw_process *, const struct bwi_spawn_fds *, pid_t *) BW_CHECK;

#endif
