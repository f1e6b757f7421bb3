#ifndef SIM_CALL_CONFERENCE_H
#define SIM_CALL_CONFERENCE_H

#include "sim/call/engine.h"

#define SIM_CONFERENCE_MOST 20 /* members */

/* What a member hears, and is heard. */
struct sim_member {
	struct sim_member *next;
	struct sim_call *call;
	bool mute;     /* is not heard */
	bool hold;     /* neither hears nor is heard */
	char *coached; /* ids of calls, separated by commas, or NULL */
};

/* Something to be told, in its turn. */
struct sim_conference_event {
	struct sim_conference_event *next;
	const char *event;
	struct sim_call *call;	     /* NULL: of the conference itself */
	struct sim_targets *targets; /* of a redirect's own, or NULL */
};

/* Answers of the conference's events, played in the order of arrival. */
struct sim_conference_queue {
	struct sim_conference_queue *next;
	struct sim_document *document;
};

struct sim_conference {
	struct sim_conference *next; /* in the switchboard */
	struct sim_world *world;
	char *id;
	char *name;
	char *tag;
	struct sim_targets targets;
	int64_t timeout;
	int64_t started;
	bool ended;
	struct sim_member *members;
	int n;
	struct sim_conference_event *events;
	uint64_t events_timer;
	struct sim_conference_queue *queue;
	bool playing;
	uint64_t play_timer;
	uint64_t limit_timer; /* the longest time */
	struct sim_recording *recording;
	int callbacks;
};

/* That lives, by id or name; NULL: none. */
struct sim_conference *sim_conference_find(struct sim_world *, const char *);
/* A call becomes a member, as its Conference verb says; false: it is full. */
bool sim_conference_join(struct sim_call *, const xmlNode *);
void sim_conference_leave(struct sim_conference *, struct sim_call *);
/* Everybody goes on with what follows their Conference verb. */
void sim_conference_end(struct sim_conference *);
/* The event's answer is queued; the places are taken over. */
void sim_conference_redirect(struct sim_conference *, struct sim_targets *);
void sim_conference_queue(struct sim_conference *, struct sim_document *);
/* NULL: that call is no member. */
struct sim_member *
sim_conference_member(struct sim_conference *, const char *call);
/* Somebody else coaches already: false. */
bool sim_conference_coach(
    struct sim_conference *, struct sim_member *, const char *ids);
void sim_conference_recorded(
    struct sim_conference *, const struct sim_targets *, json_object *members);

#endif
