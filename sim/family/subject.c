/* Plays scenarios of messages, orders and port-outs. */
#include "sim/family/subject.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/family/message.h"
#include "sim/family/order.h"
#include "sim/family/portout.h"

static const struct {
	const char *element;
	const char *url;
} kinds[] = {
    [SIM_SUBJECT_CALL] = {"call", "/voice"},
    [SIM_SUBJECT_MESSAGE] = {"message", "/messages"},
    [SIM_SUBJECT_ORDER] = {"order", "/orders"},
    [SIM_SUBJECT_PORTOUT] = {"portout", "/portout"},
};

enum sim_subject_kind
sim_subject_kind(const char *element)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(element, kinds[i].element) == 0)
			return (enum sim_subject_kind)i;
	}
	return SIM_SUBJECT_CALL;
}

const char *
sim_subject_url(enum sim_subject_kind kind)
{
	return kinds[kind].url;
}

void
sim_subject_free(struct sim_subject *s)
{
	free(s->from);
	free(s->to);
	free(s->text);
	free(s->type);
	free(s->statuses);
	free(s->numbers);
	free(s->pon);
	free(s->pin);
	free(s->account);
	free(s->zip);
	free(s->name);
}

/* The parts of a comma-separated list, NULL-terminated. */
struct words {
	char *copy;
	const char **v;
	size_t n;
};

static struct words
split(const char *list)
{
	struct words w = {.copy = sim_copy(list)};
	char *rest = w.copy, *word;

	while (rest != NULL && (word = strsep(&rest, ", ")) != NULL) {
		if (*word == '\0')
			continue;
		w.v = sim_resize(w.v, w.n, w.n + 1, sizeof(*w.v));
		w.v[w.n++] = word;
	}
	w.v = sim_resize(w.v, w.n, w.n + 1, sizeof(*w.v));
	return w;
}

static void
free_words(struct words *w)
{
	free(w->v);
	free(w->copy);
}

static void
enter_message(struct sim_world *w, const struct sim_subject *s,
    const struct sim_target *target)
{
	struct words to = split(s->to);
	const struct sim_message m = {.target = *target,
	    .from = s->from,
	    .to = to.v,
	    .nto = to.n,
	    .text = s->text,
	    .error = s->error};

	(s->outbound ? sim_message_out : sim_message_in)(w, &m, 0);
	free_words(&to);
}

static void
enter_order(struct sim_world *w, const struct sim_subject *s,
    const struct sim_target *target)
{
	struct words statuses = split(s->statuses), numbers = split(s->numbers);
	const struct sim_order o = {.target = *target,
	    .type = s->type != NULL ? s->type : "orders",
	    .statuses = statuses.n > 0 ? statuses.v : NULL,
	    .message = s->text,
	    .numbers = numbers.v,
	    .n = numbers.n};

	sim_order(w, &o, 0);
	free_words(&statuses);
	free_words(&numbers);
}

static void
enter_portout(struct sim_world *w, const struct sim_subject *s,
    const struct sim_target *target)
{
	struct words numbers = split(s->numbers);
	const struct sim_portout p = {.target = *target,
	    .pon = s->pon,
	    .pin = s->pin,
	    .account = s->account,
	    .zip = s->zip,
	    .name = s->name,
	    .numbers = numbers.v,
	    .n = numbers.n};

	sim_portout(w, &p, 0);
	free_words(&numbers);
}

void
sim_subject_enter(struct sim_world *w, const struct sim_subject *s,
    const struct sim_target *target)
{
	if (s->kind == SIM_SUBJECT_MESSAGE)
		enter_message(w, s, target);
	else if (s->kind == SIM_SUBJECT_ORDER)
		enter_order(w, s, target);
	else if (s->kind == SIM_SUBJECT_PORTOUT)
		enter_portout(w, s, target);
}
