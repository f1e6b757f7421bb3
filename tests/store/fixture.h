#ifndef FIXTURE_H
#define FIXTURE_H

#include <bwcallback/store.h>

/* What tests of stores share. */

#define SECOND INT64_C(1000000000)

struct bw_str fixture_text(const char *);
/* CLOCK_MONOTONIC, so many seconds from now. */
int64_t fixture_in(int seconds);
/* As seconds: nothing that goes well takes that long on any machine. */
#define LONG 120
/* A folder of its own below the build's, and its removal with all inside. */
void fixture_make_dir(char path[64]);
void fixture_remove_dir(const char *path);
/* A complete event; a NULL key for none. */
struct bw_store_event fixture_event(const char *type, const char *key);
/* Append one; the error, with the message as a diagnostic. */
enum bw_err fixture_append(
    struct bw_store *, const struct bw_store_event *, struct bw_store_result *);
/* How many events a filter (NULL: none) lets through. */
size_t fixture_count(struct bw_store *, const struct bw_store_filter *);

#endif
