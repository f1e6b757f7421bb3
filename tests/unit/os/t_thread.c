/* Threads of the library: the program's signals are blocked in them. */
#include <signal.h>

#include "os/thread.h"
#include "tests/tap/tap.h"

static void *
get_mask(void *arg)
{
	pthread_sigmask(SIG_BLOCK, NULL, arg);
	return NULL;
}

static int
count(const sigset_t *set)
{
	int n = 0;

	for (int i = 1; i <= SIGRTMAX; i++)
		n += sigismember(set, i) == 1;
	return n;
}

int
main(void)
{
	static const int blocked[] = {SIGHUP, SIGINT, SIGTERM, SIGCHLD, SIGPIPE,
	    SIGUSR1, SIGUSR2, SIGALRM, SIGQUIT};
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	sigset_t mine, theirs;
	pthread_t thread;

	sigemptyset(&mine);
	sigaddset(&mine, SIGWINCH);
	pthread_sigmask(SIG_SETMASK, &mine, NULL);
	sigemptyset(&theirs);
	is_int(bwi_thread_start(&thread, get_mask, &theirs), 0, "a thread");
	pthread_join(thread, NULL);
	for (size_t i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++)
		is_int(sigismember(&theirs, blocked[i]), 1, "blocked: %d",
		    blocked[i]);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		is_int(sigismember(&theirs, faults[i]), 0, "a fault: %d",
		    faults[i]);
	pthread_sigmask(SIG_BLOCK, NULL, &mine);
	ok(sigismember(&mine, SIGWINCH) == 1 && count(&mine) == 1,
	    "the creator's signal mask is unchanged");
	return tap_done();
}
