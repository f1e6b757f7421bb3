/* Scripted people. */
#include "sim_fixture_cast.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"

static const char situations[] = "RLGCTFW";

static struct sim_action
read_action(struct fixture_person *one, const char *s, size_t n)
{
	struct sim_action d = {.kind = SIM_ACTION_NONE, .after = 1000};
	const char *at = memchr(s, '@', n);
	size_t len = at != NULL ? (size_t)(at - s) : n;

	if (at != NULL)
		d.after = (int64_t)strtoull(at + 1, NULL, 10);
	switch (*s) {
	case 'a':
		d.kind = SIM_ACTION_ANSWER;
		break;
	case 'b':
		d.kind = SIM_ACTION_BUSY;
		break;
	case 'r':
		d.kind = SIM_ACTION_REJECT;
		break;
	case 'e':
		d.kind = SIM_ACTION_ERROR;
		break;
	case 'h':
		d.kind = SIM_ACTION_HANGUP;
		break;
	case 'k':
		d.kind = SIM_ACTION_KEY;
		d.key = s[1];
		break;
	case 'w':
		d.kind = SIM_ACTION_TALK;
		free(one->words);
		one->words = sim_copy_str((struct bw_str){s + 1, len - 1});
		for (char *c = one->words; *c != '\0'; c++)
			*c = *c == '_' ? ' ' : *c;
		d.words = one->words;
		d.lasts = 3000;
		break;
	default:
		break;
	}
	return d;
}

static struct sim_action
next(void *arg, const struct sim_person_context *m)
{
	struct fixture_person *one = arg;
	const char *s = one->actions + strspn(one->actions, " ");
	size_t n = strcspn(s, " ;");

	if (n < 3 || s[0] != situations[m->situation])
		return (struct sim_action){.kind = SIM_ACTION_NONE};
	if (s[1] == ':')
		one->actions = s + n;
	return read_action(one, s + 2, n - 2);
}

static struct fixture_person *
add(struct fixture_cast *c, const char *number, size_t n, const char *actions)
{
	struct fixture_person *one = &c->people[c->n++];

	one->number = sim_copy_str((struct bw_str){number, n});
	one->actions = actions;
	return one;
}

void
fixture_cast_read(struct fixture_cast *c, const char *s)
{
	s = s != NULL ? s : "";
	add(c, "", 0, s);
	while ((s = strchr(s, ';')) != NULL) {
		size_t n;

		s += 1 + strspn(s + 1, " ");
		n = strcspn(s, " ");
		add(c, s, n, s + n);
	}
}

void
fixture_cast_free(struct fixture_cast *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->people[i].number);
		free(c->people[i].words);
	}
}

struct sim_person
fixture_cast_first(struct fixture_cast *c)
{
	return (struct sim_person){next, &c->people[0], false};
}

struct sim_person
fixture_cast_add(struct fixture_cast *c, const char *actions)
{
	return (struct sim_person){next, add(c, "", 0, actions), false};
}

static struct sim_person
find(void *arg, const char *number)
{
	struct fixture_cast *c = arg;

	for (size_t i = 1; i < c->n; i++) {
		if (strcmp(c->people[i].number, number) == 0)
			return (struct sim_person){next, &c->people[i], false};
	}
	return (struct sim_person){NULL, NULL, false};
}

struct sim_people
fixture_cast_people(struct fixture_cast *c)
{
	return (struct sim_people){find, c};
}
