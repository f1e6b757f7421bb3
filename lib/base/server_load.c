#include "base/server_load.h"

#include <stddef.h>

static void (*ask)(void *arg, struct bw_operation_load *);
static void *ask_arg;

void
bwi_server_load_set(
    void (*load)(void *arg, struct bw_operation_load *), void *arg)
{
	ask = load;
	ask_arg = arg;
}

bool
bwi_server_load(struct bw_operation_load *load)
{
	if (ask == NULL)
		return false;
	ask(ask_arg, load);
	return true;
}
