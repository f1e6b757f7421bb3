/* What every command uses. */
#include "cli/common/command.h"

#include <stdio.h>

int
command_usage(const char *name)
{
	fprintf(stderr, "bwcallback: see \"bwcallback %s --help\"\n", name);
	return 64;
}
