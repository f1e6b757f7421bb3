#ifndef FIXTURE_H
#define FIXTURE_H

#include <bwcallback/store.h>

/* Shared by the tests of stores. */

#define SECOND INT64_C(1000000000)

struct bw_str fixture_text(const char *);
/* CLOCK_MONOTONIC, so many seconds from now. */
int64_t fixture_in(int seconds);
/* In seconds: longer than any successful operation takes on any machine. */
#define LONG 120
/*
 * Create a temporary folder in the current one, and remove it with its content.
 */
void fixture_make_dir(char path[64]);
void fixture_remove_dir(const char *path);
/* A complete event; key may be NULL. */
struct bw_store_event fixture_event(const char *type, const char *key);
/* Append one event; prints the message of an error as a diagnostic. */
enum bw_err fixture_append(
    struct bw_store *, const struct bw_store_event *, struct bw_store_result *);
/* Number of events that a filter selects; NULL: all. */
size_t fixture_count(struct bw_store *, const struct bw_store_filter *);
/* The first value of a query of an SQLite file; -1: there is none. */
int64_t fixture_number(const char *path, const char *sql);

#endif
