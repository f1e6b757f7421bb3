#ifndef SEGMENTS_FAULTS_H
#define SEGMENTS_FAULTS_H

#include "fixture.h"

#define RECEIVED INT64_C(1700000000000)
#define DAY	 (INT64_C(24) * 3600 * 1000)

/* Events 1 to 3 are in the first segment, 4 and 5 in the second. */
#define ALL "1234567"
#define NEW 8

/* The store of a test, its folder, and the error of the last call. */
extern char dir[64], path[128], url[160];
extern struct bw_error e;

/* Called at the next sync of a file, once. */
extern void (*at_sync)(void);

/* Begin with a copy of the same store. */
void start(void);
struct bw_store *open_store(const char *url);
struct bw_store_result append(struct bw_store *, int i);
/* A re-delivery, and an answer, of events in a closed segment. */
enum bw_err repeat(void);
/* Remove the events of the first two segments. */
enum bw_err drop(void);
enum bw_err make_filters(void);
/* The store has these events, knows their keys, and takes the next one. */
void check_events(const char *url, const char *want, const char *how);
void copy_file(const char *from, const char *to);
/* Files of a kind; they become old. */
int count_files(bool (*is)(const char *));
bool is_temporary(const char *file);
/* Of the second segment. */
bool is_removed(const char *file);

/* compact.c: steps of compacting, and what comes between them. */

enum bw_err compact_all(void);
void compact_before(void);
void compact_check(const char *how);
void compact_meanwhile(void);

#endif
