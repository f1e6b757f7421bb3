#ifndef SIM_CALL_CONFERENCE_H
#define SIM_CALL_CONFERENCE_H

#include "sim/call/engine.h"

#define SIM_CONFERENCE_MOST 20 /* members */

/* A member of a conference. */
struct sim_member {
	struct sim_member *next;
	struct sim_call *call;
	bool mute;     /* is not heard by others */
	bool hold;     /* neither hears nor is heard */
	char *coached; /* comma-separated call ids, or NULL */
};

/* A queued event. */
struct sim_conference_event {
	struct sim_conference_event *next;
	const char *event;
	struct sim_call *call; /* NULL: about the conference itself */
	struct sim_targets
	    *targets; /* of this event alone (redirect), or NULL */
};

/* Documents queued for a conference, played in the order of arrival. */
struct sim_conference_queue {
	struct sim_conference_queue *next;
	struct sim_document *document;
};

struct sim_conference {
	struct sim_conference *next; /* in the call list */
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
	uint64_t limit_timer; /* maximum duration */
	struct sim_recording *recording;
	int callbacks;
};

/* The running conference with this id or name; NULL: none. */
struct sim_conference *sim_conference_find(struct sim_world *, const char *);
/* Add a call as its Conference verb says; false: the conference is full. */
bool sim_conference_join(struct sim_call *, const xmlNode *);
void sim_conference_leave(struct sim_conference *, struct sim_call *);
/* All members continue with the verb after Conference. */
void sim_conference_end(struct sim_conference *);
/* Send conferenceRedirect and queue its answer. Takes over the targets. */
void sim_conference_redirect(struct sim_conference *, struct sim_targets *);
void sim_conference_queue(struct sim_conference *, struct sim_document *);
/* NULL: the call is not a member. */
struct sim_member *
sim_conference_member(struct sim_conference *, const char *call);
/* False: another member is the coach. */
bool sim_conference_coach(
    struct sim_conference *, struct sim_member *, const char *ids);
void sim_conference_recorded(
    struct sim_conference *, const struct sim_targets *, json_object *members);

#endif
