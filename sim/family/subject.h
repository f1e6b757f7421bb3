#ifndef SIM_FAMILY_SUBJECT_H
#define SIM_FAMILY_SUBJECT_H

#include "sim/deliver/deliver.h"

/* What a scenario is about that is no call. Strings are sim_alloc'ed. */
enum sim_subject_kind {
	SIM_SUBJECT_CALL, /* nothing of it is here */
	SIM_SUBJECT_MESSAGE,
	SIM_SUBJECT_ORDER,
	SIM_SUBJECT_PORTOUT
};

struct sim_subject {
	enum sim_subject_kind kind;
	bool outbound;	/* MESSAGE: the application sent it */
	int error;	/* MESSAGE: why it failed; 0: it did not */
	char *from;	/* NULL in any of these: something is made up */
	char *to;	/* with commas between */
	char *text;	/* of a message; what an order's last status says */
	char *type;	/* of an order */
	char *statuses; /* of an order, with commas between */
	char *numbers;	/* the same */
	char *pon, *pin, *account, *zip, *name; /* of a port-out */
};

/* The kind of an element's name; CALL for any other. */
enum sim_subject_kind sim_subject_kind(const char *element);
/* Where its callbacks go when nothing is said: "/messages". */
const char *sim_subject_url(enum sim_subject_kind);
void sim_subject_free(struct sim_subject *);
/* Let it happen when the world runs. */
void sim_subject_enter(
    struct sim_world *, const struct sim_subject *, const struct sim_target *);

#endif
