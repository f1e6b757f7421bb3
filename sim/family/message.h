#ifndef SIM_FAMILY_MESSAGE_H
#define SIM_FAMILY_MESSAGE_H

#include "sim/deliver/deliver.h"

/*
 * Messages (Messaging API v2, webhooks). Everything is copied; NULL and 0 leave
 * a member out, or a required one is generated.
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
	 * Inbound: the number of recipients, from the first, that belong to
	 * this account (0: one). Each gets a copy with its own id.
	 */
	size_t ours;
	/* Inbound, RBM: the reply to a suggestion, or a location. */
	const char *suggestion;
	const char *postback; /* opaque; NULL: generated */
	const char *latitude;
	const char *longitude;
	/*
	 * Outbound: the recipient whose delivery fails (NULL: all), the error
	 * code (0: no failure) and the reason.
	 */
	const char *failing;
	int error;
	const char *reason;
	/* Outbound MMS: delivery receipts are enabled: send message-sending. */
	bool receipts;
	bool sent; /* outbound: send message-sent, too */
	bool read; /* outbound, RBM: send message-read last */
};

/*
 * Schedule all events of a message, starting after this many milliseconds: its
 * arrival, or its status for each recipient.
 */
void
sim_message_in(struct sim_world *, const struct sim_message *, int64_t after);
void
sim_message_out(struct sim_world *, const struct sim_message *, int64_t after);

/* A delivery report of the International A2P API (dlrUrl, dlrMask). */
struct sim_report {
	struct sim_target target;
	/* The final state: "DELIVERED", "UNDELIVERED" or "REJECTED". */
	const char *event;
	int error; /* error code of that state; 0: none */
	const char *reason;
	int parts;     /* 0: one */
	unsigned mask; /* dlrMask: events to send; 0: all, 31 */
};

void sim_message_report(struct sim_world *, const struct sim_report *, int64_t);

/* A code of two-factor authentication (MFA API, webhooks). */
struct sim_code {
	struct sim_target target;
	const char *to; /* +1: retried for a day; others never */
	int error;	/* 0: delivered */
	const char *reason;
};

void sim_message_code(struct sim_world *, const struct sim_code *, int64_t);

#endif
