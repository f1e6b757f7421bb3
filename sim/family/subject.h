#ifndef SIM_FAMILY_SUBJECT_H
#define SIM_FAMILY_SUBJECT_H

#include "sim/deliver/deliver.h"

/* The subject of a scenario other than a call. Strings are sim_alloc'ed. */
enum sim_subject_kind {
	SIM_SUBJECT_CALL, /* a call: the other members are unused */
	SIM_SUBJECT_MESSAGE,
	SIM_SUBJECT_ORDER,
	SIM_SUBJECT_PORTOUT
};

struct sim_subject {
	enum sim_subject_kind kind;
	bool outbound;	/* MESSAGE: sent by the application */
	int error;	/* MESSAGE: error code; 0: delivered */
	char *from;	/* NULL in any of these: a default is used */
	char *to;	/* comma-separated */
	char *text;	/* of a message, or of an order's last status */
	char *type;	/* of an order */
	char *statuses; /* of an order, comma-separated */
	char *numbers;	/* comma-separated */
	char *pon, *pin, *account, *zip, *name; /* of a port-out */
};

/* The kind of an element; CALL for unknown names. */
enum sim_subject_kind sim_subject_kind(const char *element);
/* The default path of its callbacks: "/messages". */
const char *sim_subject_url(enum sim_subject_kind);
void sim_subject_free(struct sim_subject *);
/* Schedule its events. */
void sim_subject_enter(
    struct sim_world *, const struct sim_subject *, const struct sim_target *);

#endif
