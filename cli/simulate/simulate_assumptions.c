/* bwcallback simulate assumptions: what --assume can set. */
#include "sim/world/assumptions.h"

#include "cli/simulate/simulate.h"

int
simulate_assumptions(const struct command *c, int argc, char **argv)
{
	struct sim_options standard;
	const struct sim_assumption *a;
	struct option_rest rest;
	struct bw_buf value;
	int status = command_parse(c, argc, argv, NULL, NULL, &rest);

	if (status >= 0)
		return status;
	sim_options_init(&standard);
	bw_buf_init(&value, 256);
	for (size_t i = 0; (a = sim_assumptions(i)) != NULL; i++) {
		bw_buf_reset(&value);
		sim_assumption_of(&standard, i, &value);
		printf("%s=%.*s (%s)\n    %s\n", a->name, (int)value.n,
		    value.p != NULL ? value.p : "", a->form, a->text);
	}
	bw_buf_free(&value);
	return 0;
}
