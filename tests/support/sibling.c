#include "sibling.h"

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long
fork_sibling(void)
{
	unsigned long flags = CLONE_PARENT | SIGCHLD;

#ifdef __s390__
	return syscall(SYS_clone, NULL, flags, NULL, NULL, NULL);
#else
	return syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
#endif
}

bool
sibling_can_be_forked(void)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		long sibling = fork_sibling();

		_exit(sibling < 0);
	}
	(void)waitpid(child, &status, 0);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return status == 0;
}
