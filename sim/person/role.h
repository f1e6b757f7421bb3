#ifndef SIM_PERSON_ROLE_H
#define SIM_PERSON_ROLE_H

#include <stdbool.h>
#include <stddef.h>

#include <bwcallback/error.h>

#include "sim/person/person.h"

/*
 * A person who follows a script: the caller or a callee. Acts run in order,
 * each when it applies: keys, silence and speech when a Gather or a Record
 * waits for them; hanging up then, or in a conversation.
 */
enum sim_act_kind {
	SIM_ACT_KEYS,
	SIM_ACT_SILENCE,
	SIM_ACT_SAY,
	SIM_ACT_HANGUP
};

struct sim_act {
	enum sim_act_kind kind;
	char *text; /* KEYS, SAY */
	/*
	 * Milliseconds after the situation began, even if a prompt is playing;
	 * -1: once it is silent.
	 */
	int64_t after;
};

struct sim_role {
	struct sim_action rings; /* ANSWER, BUSY, REJECT, ERROR or NONE */
	int64_t talk_ms;	 /* length of a conversation, ms */
	struct sim_act *acts;
	size_t n;
	size_t next;
	size_t pressed; /* keys pressed of the act before next */
};

void sim_role_init(struct sim_role *);
void sim_role_free(struct sim_role *);
/* Copies the acts, rewound. *to need not be initialised. */
void sim_role_copy(struct sim_role *to, const struct sim_role *from);
/*
 * Add acts from a comma-separated list: keys "12#", "silence" (or nothing),
 * "say=WORDS", "hangup"; as the first word also "busy", "rejects", "absent",
 * "unreachable" and "answers". "@2.5" at the end of a word is a time in
 * seconds. BW_ERR_USAGE: anything else.
 */
enum bw_err sim_role_parse(
    struct sim_role *, const char *words, struct bw_error *) BW_CHECK;
/* Text is copied. */
void sim_role_add(
    struct sim_role *, enum sim_act_kind, const char *text, int64_t after);
/* The person; the role must outlive it. */
struct sim_person sim_role_person(struct sim_role *);
/* Start from the first act again. */
void sim_role_rewind(struct sim_role *);
/*
 * The first act that was not used, or not all of whose keys were; NULL: none.
 */
const struct sim_act *sim_role_undone(const struct sim_role *);
/* At least one of 0-9 * # A-D, and nothing else? */
bool sim_is_keys(const char *);

/* Roles of callees by number. All other numbers have the role standard. */
struct sim_cast {
	struct sim_member *members;
	size_t n;
	struct sim_role standard;
};

struct sim_member {
	char *number;
	struct sim_role role;
};

void sim_cast_init(struct sim_cast *);
void sim_cast_free(struct sim_cast *);
void sim_cast_copy(struct sim_cast *to, const struct sim_cast *from);
/* The role of a number; created if missing. */
struct sim_role *sim_cast_role(struct sim_cast *, const char *number);
struct sim_people sim_cast_people(struct sim_cast *);
void sim_cast_rewind(struct sim_cast *);

#endif
