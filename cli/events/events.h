#ifndef BWC_EVENTS_H
#define BWC_EVENTS_H

#include <stdio.h>

#include <bwcallback/event.h>
#include <bwcallback/request.h>
#include <bwcallback/response.h>
#include <bwcallback/store.h>

/* Shared by all of "bwcallback events". */

struct events_options {
	const char *store;
	const char *config;
	struct bw_store_filter filter;
	int64_t older;	    /* prune: age in milliseconds; 0: none */
	int64_t larger;	    /* prune: bytes; 0: no limit */
	int64_t limit;	    /* list: number of events */
	const char *sqlite; /* export: the database; NULL: lines of JSON */
	const char *url;    /* replay: target; NULL: use config */
	const char *user;
	const char *password_file;
	const char *password; /* read from password_file */
	bool json;
	bool reveal;
	char **argv; /* arguments that are not options */
};

/* Actions: each is one function in an events_*.c and one row in events.c. */
enum bw_err events_list(
    struct bw_store *, const struct events_options *, struct bw_error *);
enum bw_err events_thread(
    struct bw_store *, const struct events_options *, struct bw_error *);
enum bw_err events_call(
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
 * Send a request to the URL of the options, and append the body of the answer.
 * BW_ERR_IO: no answer.
 */
enum bw_err
events_send(const struct events_options *, const struct bw_request *,
    int *status, struct bw_buf *body, struct bw_error *) BW_CHECK;

#endif
