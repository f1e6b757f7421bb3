/*
 * Everything in one program, for a place where nothing can be installed: what
 * it is depends on who starts it.
 */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "cli/common/command.h"
#include "fcgi/cgi.h"
#include "fcgi/listen.h"
#include "fcgi/main.h"

/*
 * By a web server: whatever our name is and the arguments are, which may be a
 * client's.
 */
static bool
is_started_to_serve(void)
{
	return cgi_is_one() || listen_is_socket(STDIN_FILENO);
}

/* An account has but one file, called as its web server wants it. */
static bool
is_named_to_serve(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash != NULL ? slash : path, '.');

	return dot != NULL &&
	       (strcmp(dot, ".cgi") == 0 || strcmp(dot, ".fcgi") == 0);
}

int
main(int argc, char **argv)
{
	if (is_started_to_serve())
		return fcgi_main(argc, argv);
	if (argc > 1 && command_is_one(argv[1]))
		return command_main(argc, argv);
	if (argc > 0 && is_named_to_serve(argv[0]))
		return fcgi_main(argc, argv);
	return command_main(argc, argv);
}
