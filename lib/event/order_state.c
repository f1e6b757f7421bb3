/* The states of orders. */
#include <bwcallback/tools/order.h>

static const struct {
	const char *status;
	const char *state;
} states[] = {
#define X(status, state) {status, state},
#include "event/order_states.def"
#undef X
};

#define NSTATES (sizeof(states) / sizeof(states[0]))

const char *
bw_order_state(struct bw_str status)
{
	for (size_t i = 0; i < NSTATES; i++) {
		if (bw_str_is(status, states[i].status))
			return states[i].state;
	}
	return "unknown";
}

/* Is its state the same as in an earlier row? */
static bool
is_repeated(size_t row)
{
	for (size_t i = 0; i < row; i++) {
		if (strcmp(states[i].state, states[row].state) == 0)
			return true;
	}
	return false;
}

const char *
bw_order_state_word(size_t i)
{
	for (size_t row = 0; row < NSTATES; row++) {
		if (!is_repeated(row) && i-- == 0)
			return states[row].state;
	}
	return i == 0 ? "unknown" : NULL;
}
