/*
 * The single-file program for a host where nothing can be installed: the CGI or
 * FastCGI program, or the command line, depending on how it is started.
 */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "cli/common/command.h"
#include "fcgi/cgi.h"
#include "fcgi/listen.h"
#include "fcgi/main.h"

/*
 * Started by a web server? Then the program's name and the arguments, which may
 * come from a client, do not matter.
 */
static bool
is_started_to_serve(void)
{
	return cgi_is_request() || listen_is_socket(STDIN_FILENO);
}

/*
 * Does the name end in .cgi or .fcgi? A hosting account has one file with the
 * name that its web server requires.
 */
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
