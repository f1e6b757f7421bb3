#include "config_path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "options/responder.h"

static const char beside[] = "callbacks.xml";

/* Without /proc: the path by which the program was started. */
static bool
find_started(char *room)
{
	const char *name = (const char *)getauxval(AT_EXECFN);
	size_t n = name != NULL ? strlen(name) : 0;

	if (n == 0 || n >= CONFIG_PATH_MAX || strchr(name, '/') == NULL)
		return false;
	memcpy(room, name, n + 1);
	return true;
}

/*
 * The path of the program, from the kernel: a server may set argv[0] and the
 * working directory to anything. Links are resolved.
 */
static bool
find_self(char *room)
{
	ssize_t n = readlink("/proc/self/exe", room, CONFIG_PATH_MAX);

	if (n <= 0 || n >= CONFIG_PATH_MAX)
		return find_started(room);
	room[n] = '\0';
	return true;
}

static bool
find_beside(char *room)
{
	char *name;

	if (!find_self(room))
		return false;
	name = strrchr(room, '/');
	if (name == NULL ||
	    (size_t)(name + 1 - room) + sizeof(beside) > CONFIG_PATH_MAX)
		return false;
	memcpy(name + 1, beside, sizeof(beside));
	return access(room, F_OK) == 0;
}

const char *
config_path_find(char *room)
{
	const char *given = getenv("BWCALLBACK_CONFIG");

	if (given != NULL && *given != '\0')
		return given;
	return find_beside(room) ? room : RESPONDER_CONFIG;
}
