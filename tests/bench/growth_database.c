/*
 * A store of any kind that growth_postgresql.py fills and measures, by lines on
 * standard input; each is answered by a line with a number.
 *
 *   growth_database URL
 *
 *	grow N		append until there are N events: seconds
 *	rate		append single events of 64 callers: events a second
 *	look K		look-up K of enum look: microseconds
 *	prune N		remove the events before the Nth: milliseconds
 *	bytes		of an event, as the store counts them
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "growth.h"

static double
seconds_of(void (*fn)(struct grown *, uint64_t), struct grown *g, uint64_t n)
{
	int64_t start = now_ns();

	fn(g, n);
	return (double)(now_ns() - start) / 1e9;
}

/* Those before event n, which was received later than they. */
static void
prune(struct grown *g, uint64_t n)
{
	struct bw_error e = {0};
	uint64_t removed;

	if (bw_store_prune(g->store, RECEIVED + (int64_t)n, 0, &removed, &e) !=
	    BW_OK)
		die(&e);
}

static double
bytes_of(struct grown *g)
{
	struct bw_store_stats stats;
	struct bw_error e = {0};

	if (bw_store_stats(g->store, &stats, &e) != BW_OK)
		die(&e);
	return (double)stats.bytes / (double)stats.events;
}

static double
run(struct grown *g, const char *word, uint64_t n)
{
	if (strcmp(word, "grow") == 0)
		return seconds_of(grow, g, n);
	if (strcmp(word, "rate") == 0)
		return append_rate(g);
	if (strcmp(word, "look") == 0 && n < LOOK__MAX)
		return look_up(g, (enum look)n);
	if (strcmp(word, "prune") == 0)
		return seconds_of(prune, g, n) * 1e3;
	if (strcmp(word, "bytes") == 0)
		return bytes_of(g);
	fprintf(stderr, "growth_database: unknown: %s\n", word);
	exit(64);
}

int
main(int argc, char **argv)
{
	struct grown g = {.stays_open = true};
	char line[64];

	if (argc != 2 || strlen(argv[1]) >= sizeof(g.url)) {
		fputs("usage: growth_database URL\n", stderr);
		return 64;
	}
	memcpy(g.url, argv[1], strlen(argv[1]) + 1);
	open_grown(&g, &g.store);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		char *rest = line, *word = strtok_r(rest, " \n", &rest);
		const char *n = strtok_r(NULL, " \n", &rest);

		if (word == NULL)
			continue;
		printf("%f\n",
		    run(&g, word, n != NULL ? strtoull(n, NULL, 10) : 0));
		(void)fflush(stdout);
	}
	bw_store_free(g.store);
	return 0;
}
