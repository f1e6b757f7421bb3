/*
 * A store that a test drives by lines on standard input; one line for each
 * comes back.
 *
 *	append KEY MS	append an event, wait so long: "KEY FATE SEQ DELIVERIES"
 *			or "KEY error CODE MESSAGE"
 *	read		read what came after the last "read": "read N"
 *	create		make the tables: "create"
 *	spool KEY N	spool N events, KEY-0 and so on, at the path given after
 *			the URL: "spool"
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "store/store.h"

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

static struct bw_store *store;
static uint64_t cursor;
static const char *url;

static void
append(const char *key, int64_t ms)
{
	static const char *const fates[] = {
	    "new", "answered", "running", "taken"};
	struct bw_store_event event = fixture_event("message-received", key);
	struct bw_error e = {0};
	struct bw_store_result r = {.seq = 0};
	enum bw_err err;

	event.message = event.key;
	err = bw_store_append(
	    store, &event, 1, bw_monotonic_ns() + ms * 1000000, &r, &e);
	if (err != BW_OK)
		printf("%s error %d %s\n", key, (int)err, e.msg);
	else
		printf("%s %s %llu %u\n", key, fates[r.fate],
		    (unsigned long long)r.seq, r.deliveries);
}

static bool
count(void *arg, const struct bw_store_row *r)
{
	(void)r;
	++*(size_t *)arg;
	return true;
}

static void
read_more(void)
{
	const struct bw_store_filter all = {.since = 0};
	struct bw_error e = {0};
	size_t n = 0;

	if (bw_store_read(
		store, &all, false, SIZE_MAX, &cursor, count, &n, &e) != BW_OK)
		printf("read error %s\n", e.msg);
	else
		printf("read %zu\n", n);
}

#define SPOOLED_AT_ONCE 64

static void
spool(const char *key, long n)
{
	struct bw_store_event events[SPOOLED_AT_ONCE];
	char keys[SPOOLED_AT_ONCE][64];
	struct bw_error e = {0};

	for (long i = 0; i < n && e.code == BW_OK; i += SPOOLED_AT_ONCE) {
		size_t k = 0;

		for (; k < SPOOLED_AT_ONCE && i + (long)k < n; k++) {
			(void)snprintf(keys[k], sizeof(keys[k]), "%s-%ld", key,
			    i + (long)k);
			events[k] = fixture_event("order", keys[k]);
		}
		(void)!bw_store_spool(store, events, k, &e);
	}
	printf("spool%s\n", e.msg);
}

static void
run(char *line)
{
	char *word = strtok_r(line, " \n", &line);
	char *key = strtok_r(NULL, " \n", &line);
	char *ms = strtok_r(NULL, " \n", &line);
	struct bw_error e = {0};

	if (word != NULL && strcmp(word, "append") == 0 && ms != NULL)
		append(key, strtoll(ms, NULL, 10));
	else if (word != NULL && strcmp(word, "read") == 0)
		read_more();
	else if (word != NULL && strcmp(word, "create") == 0)
		printf("create%s\n",
		    bw_store_create(url, NULL, &e) == BW_OK ? "" : e.msg);
	else if (word != NULL && strcmp(word, "spool") == 0 && ms != NULL)
		spool(key, strtol(ms, NULL, 10));
	else
		printf("unknown\n");
	(void)fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct bw_error e = {0};
	char *line = NULL;
	size_t size = 0;

	url = argv[1];
	if (argc < 2 || bwi_store_attach(argv[1], &store, &e) != BW_OK ||
	    (argc > 2 && bw_store_set_spool(store, argv[2], &e) != BW_OK)) {
		(void)fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	while (getline(&line, &size, stdin) > 0)
		run(line);
	free(line);
	bw_store_free(store);
	return 0;
}
