#ifndef SIM_FAMILY_MESSAGE_H
#define SIM_FAMILY_MESSAGE_H

#include "sim/deliver/deliver.h"

/*
 * Messages (Messaging API v2, webhooks). What stands here is copied; NULL and
 * 0 leave a member out, or are made up where there must be one.
 */
struct sim_message {
	struct sim_target target;
	const char *from;
	const char *const *to;
	size_t nto;
	const char *text;
	const char *const *media; /* inbound: names of files; outbound: URLs */
	size_t nmedia;		  /* 0: an SMS, with one recipient */
	const char *priority;	  /* "default", "high" */
	const char *channel;	  /* "SMS", "MMS", "RBM" */
	const char *carrier;
	const char *tag; /* outbound */
	/*
	 * Inbound: how many recipients, from the first, are numbers of this
	 * account (0: one): each gets a copy, with an id of its own.
	 */
	size_t ours;
	/* Inbound, RBM: it answers a suggestion, or tells a place. */
	const char *suggestion;
	const char *latitude;
	const char *longitude;
	/* Outbound: to whom (NULL: all) it fails, why; error 0: nobody. */
	const char *failing;
	int error;
	const char *reason;
	/* Outbound MMS: the account has delivery receipts: message-sending. */
	bool receipts;
	bool sent; /* outbound: message-sent comes, too */
	bool read; /* outbound, RBM: message-read at the end */
};

/*
 * Enter all events of one message, from so many milliseconds on: received, or
 * for each recipient what becomes of it.
 */
void
sim_message_in(struct sim_world *, const struct sim_message *, int64_t after);
void
sim_message_out(struct sim_world *, const struct sim_message *, int64_t after);

/* A delivery report of the International A2P API (dlrUrl, dlrMask). */
struct sim_report {
	struct sim_target target;
	/* What becomes of it: "DELIVERED", "UNDELIVERED" or "REJECTED". */
	const char *event;
	int error; /* of that; 0: none */
	const char *reason;
	int parts;     /* 0: one */
	unsigned mask; /* dlrMask: which events are wanted; 0: all, 31 */
};

void sim_message_report(struct sim_world *, const struct sim_report *, int64_t);

/* A code of two-factor authentication (MFA API, webhooks). */
struct sim_code {
	struct sim_target target;
	const char *to; /* +1: tried again for a day; others never */
	int error;	/* 0: delivered */
	const char *reason;
};

void sim_message_code(struct sim_world *, const struct sim_code *, int64_t);

#endif
