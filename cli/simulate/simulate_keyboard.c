/* bwcallback simulate --interactive: the user plays the caller. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/simulate/simulate.h"

#define THINKS	 1000 /* ms of the call for each answer */
#define NEXT_KEY 300
#define TALKS	 4000
#define A_MINUTE 60000

struct keyboard {
	char line[512];
	const char *keys; /* keys still to be pressed */
};

/* False: end of input. */
static bool
read_line(struct keyboard *k, const char *question)
{
	printf("  ?  %s: ", question);
	(void)fflush(stdout);
	k->keys = "";
	if (fgets(k->line, sizeof(k->line), stdin) == NULL)
		return false;
	k->line[strcspn(k->line, "\r\n")] = '\0';
	if (isatty(STDIN_FILENO) == 0)
		putchar('\n');
	return true;
}

static struct sim_action
deed(enum sim_action_kind kind, int64_t after)
{
	return (struct sim_action){.kind = kind, .after = after};
}

static struct sim_action
talk(const char *words, int64_t lasts)
{
	return (struct sim_action){.kind = SIM_ACTION_TALK,
	    .after = THINKS,
	    .words = words,
	    .lasts = lasts};
}

static struct sim_action
press(struct keyboard *k, int64_t after)
{
	return (struct sim_action){
	    .kind = SIM_ACTION_KEY, .after = after, .key = *k->keys++};
}

/* Parse a line: keys, "h" to hang up, nothing, or spoken words. */
static struct sim_action
understand(struct keyboard *k, bool record)
{
	if (strcmp(k->line, "h") == 0)
		return deed(SIM_ACTION_HANGUP, THINKS);
	if (*k->line == '\0')
		return deed(SIM_ACTION_NONE, 0);
	if (!sim_is_keys(k->line))
		return talk(k->line, TALKS);
	k->keys = k->line;
	return record && strlen(k->line) > 1 ? talk(k->line, TALKS)
					     : press(k, THINKS);
}

static struct sim_action
ring(struct keyboard *k)
{
	if (!read_line(k, "it rings: Enter answers, b busy, r rejects, "
			  "n nobody is there"))
		return deed(SIM_ACTION_NONE, 0);
	switch (*k->line) {
	case 'b':
		return deed(SIM_ACTION_BUSY, THINKS);
	case 'r':
		return deed(SIM_ACTION_REJECT, THINKS);
	case 'n':
		return deed(SIM_ACTION_NONE, 0);
	default:
		return deed(SIM_ACTION_ANSWER, THINKS);
	}
}

static const char *
question(enum sim_situation situation)
{
	switch (situation) {
	case SIM_GATHERS:
		return "keys or words, Enter waits, h hangs up";
	case SIM_RECORDS:
		return "words, a key ends, Enter is silence, h hangs up";
	default:
		return "Enter goes on talking, h hangs up";
	}
}

static struct sim_action
next(void *arg, const struct sim_person_context *m)
{
	struct keyboard *k = arg;
	struct sim_action d;

	if (m->situation == SIM_RINGS)
		return ring(k);
	if (m->situation == SIM_LISTENS || m->situation == SIM_WAITS)
		return deed(SIM_ACTION_NONE, 0);
	if (m->situation == SIM_GATHERS) {
		if (m->count > 0)
			return *k->keys != '\0' ? press(k, NEXT_KEY)
						: deed(SIM_ACTION_NONE, 0);
		if (!m->prompted)
			return deed(SIM_ACTION_NONE, 0);
	}
	if (!read_line(k, question(m->situation)))
		return deed(SIM_ACTION_HANGUP, THINKS);
	d = understand(k, m->situation == SIM_RECORDS);
	if (d.kind == SIM_ACTION_NONE && m->situation == SIM_CONFERS)
		d = talk("", A_MINUTE);
	return d;
}

struct sim_person
simulate_keyboard(void)
{
	static struct keyboard k;

	return (struct sim_person){next, &k, true};
}
