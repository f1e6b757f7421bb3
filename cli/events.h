#ifndef BWC_EVENTS_H
#define BWC_EVENTS_H

#include <stdio.h>

#include <bwcallback/event.h>
#include <bwcallback/request.h>
#include <bwcallback/response.h>
#include <bwcallback/store.h>

/* What all of "bwcallback events" share. */

struct events_options {
	const char *store;
	const char *config;
	struct bw_store_filter filter;
	int64_t older;	 /* prune: milliseconds of age; 0: none */
	int64_t larger;	 /* prune: bytes; 0: no bound */
	int64_t limit;	 /* list: how many */
	const char *url; /* replay: where to; NULL: through config */
	const char *user;
	const char *password_file;
	const char *password; /* read from it */
	bool json;
	bool reveal;
	int argc; /* what is left */
	char **argv;
};

/* One action: one function in one of the events_*.c, one line in events.c. */
struct events_action {
	const char *name;
	int arguments; /* how many it wants */
	enum bw_err (*run)(struct bw_store *, const struct events_options *,
	    struct bw_error *);
};

enum bw_err events_list(
    struct bw_store *, const struct events_options *, struct bw_error *);
enum bw_err events_thread(
    struct bw_store *, const struct events_options *, struct bw_error *);
enum bw_err events_follow(
    struct bw_store *, const struct events_options *, struct bw_error *);
enum bw_err events_export(
    struct bw_store *, const struct events_options *, struct bw_error *);
enum bw_err events_show(
    struct bw_store *, const struct events_options *, struct bw_error *);
enum bw_err events_replay(
    struct bw_store *, const struct events_options *, struct bw_error *);
enum bw_err events_count(
    struct bw_store *, const struct events_options *, struct bw_error *);
enum bw_err events_backup(
    struct bw_store *, const struct events_options *, struct bw_error *);
enum bw_err events_prune(
    struct bw_store *, const struct events_options *, struct bw_error *);

/*
 * Send a request to the URL of the options; status and body of the answer go
 * into the response. BW_ERR_IO: there was none.
 */
enum bw_err
events_send(const struct events_options *, const struct bw_request *,
    struct bw_response *, struct bw_error *) BW_CHECK;

/* Stored events, decoded again one after the other. */
struct events_decoder {
	struct bw_decoder *decoder;
	struct bw_buf list;
	const struct bw_event *event; /* the last one; NULL: it could not be */
};

void events_decoder_init(struct events_decoder *);
void events_decoder_free(struct events_decoder *);
/* The event is valid until the next, and as long as the row is. */
bool events_decode(struct events_decoder *, const struct bw_store_row *);
/* A field by its name, p NULL when it is not there. */
struct bw_str events_field(const struct bw_event *, const char *name);

/* Why a message failed: a row of message_codes.def. */
struct events_code {
	struct bw_str code; /* the event's */
	const char *name;   /* NULL: nobody has met it */
	const char *by;	    /* who says so; NULL: it is not documented */
	bool billed;
};

/* False when an event gives no such code. */
bool events_code(
    struct events_decoder *, const struct bw_store_row *, struct events_code *);
void events_put_code(struct bw_buf *, const struct events_code *);

/*
 * Append what a port-out was answered with: "denied 7513 7515", or that as
 * JSON. False, and nothing appended, when it was none or not answered.
 */
bool
events_put_verdict(struct bw_buf *, const struct bw_store_row *, bool json);

/* A number as it is typed: the id of an event. */
enum bw_err events_id(const char *, uint64_t *, struct bw_error *) BW_CHECK;
/* "2026-03-01 10:00:00.123", UTC. */
void events_time(char out[32], int64_t ms);
/*
 * Append text for people: what is not printable as '?', and unless reveal is
 * true all but the last four of eight digits or more as '*'.
 */
void events_text(struct bw_buf *, struct bw_str, bool reveal);
/* The same, and spaces up to a width in bytes, one at least. */
void events_cell(struct bw_buf *, struct bw_str, size_t width, bool reveal);
/* The same as a line of "name  text"; nothing when there is no text. */
void events_line(struct bw_buf *, const char *name, struct bw_str, bool reveal);
/* Append the event as one line of JSON; bodies only with reveal. */
void events_json(struct bw_buf *, const struct bw_store_row *, bool reveal);

#endif
