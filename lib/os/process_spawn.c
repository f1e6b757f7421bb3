#include <config.h>

#include "os/process_spawn.h"

#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include "os/spawn_helper.h"

/* posix_spawn() predates const: remove the qualifiers. */
static char *const *
unqualified(const char *const *list)
{
	union {
		const char *const *in;
		char *const *out;
	} u = {.in = list};

	return u.out;
}

bool
bwi_spawn_loses_status(void)
{
	struct sigaction now;

	if (sigaction(SIGCHLD, NULL, &now) != 0)
		return false;
	if ((now.sa_flags & SA_NOCLDWAIT) != 0)
		return true;
	return (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_IGN;
}

static int
set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int sys;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	sys = posix_spawnattr_setsigmask(attributes, &none);
	if (sys == 0)
		sys = posix_spawnattr_setsigdefault(attributes, &all);
	if (sys == 0)
		sys = posix_spawnattr_setpgroup(attributes, 0);
	if (sys == 0)
		sys = posix_spawnattr_setflags(
		    attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
				    POSIX_SPAWN_SETSIGDEF);
	return sys;
}

static int
set_descriptors(const struct bwi_spawn_fds *fds, bool captured,
    posix_spawn_file_actions_t *actions)
{
	int sys;

	sys = posix_spawn_file_actions_adddup2(actions, fds->in, STDIN_FILENO);
	if (sys == 0)
		sys = posix_spawn_file_actions_adddup2(
		    actions, fds->out, STDOUT_FILENO);
	if (sys == 0 && fds->err >= 0)
		sys = posix_spawn_file_actions_adddup2(
		    actions, fds->err, STDERR_FILENO);
#ifdef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
	/* Our own descriptors are close-on-exec; this closes inherited ones. */
	if (sys == 0 && captured)
		sys = posix_spawn_file_actions_addclosefrom_np(
		    actions, STDERR_FILENO + 1);
#else
	(void)captured;
#endif
	return sys;
}

static int
spawn_with(const struct bw_process *p,
    const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, pid_t *pid)
{
	char *const *argv = unqualified(p->argv);
	char *const *env = p->env != NULL ? unqualified(p->env) : environ;

	return p->search
		   ? posix_spawnp(pid, argv[0], actions, attributes, argv, env)
		   : posix_spawn(pid, argv[0], actions, attributes, argv, env);
}

int
bwi_spawn(
    const struct bw_process *p, const struct bwi_spawn_fds *fds, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int sys;

	if (bwi_spawn_helper_exists())
		return bwi_spawn_helper_ask(p, fds, pid);
	sys = posix_spawnattr_init(&attributes);
	if (sys != 0)
		return sys;
	sys = posix_spawn_file_actions_init(&actions);
	if (sys != 0) {
		(void)posix_spawnattr_destroy(&attributes);
		return sys;
	}
	sys = set_attributes(&attributes);
	if (sys == 0)
		sys = set_descriptors(fds, p->out != NULL, &actions);
	if (sys == 0)
		sys = spawn_with(p, &actions, &attributes, pid);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return sys;
}
