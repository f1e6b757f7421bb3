/*
 * The cost of a growing store: the rate of appending with many callers, what
 * appending lists of some lengths takes, and the time of the queries of
 * "bwcallback events", at a hundred thousand events, at ten times that, and so
 * on.
 *
 *   growth FOLDER EVENTS
 *
 * Measurements are noisy, so each size is compared, in alternating rounds, with
 * a store of a hundred thousand events beside it, and with a program that only
 * inserts the same rows. Half of the events are of calls, half of messages,
 * four of each; all ids are random, which is the worst case for indices. The
 * folder needs 4 kB for each event.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "growth.h"

/* Lists that are appended one after the other, to see what an event takes. */
static const size_t lengths[] = {1, 8, 64};
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

/* Of this process and each event. */
enum cost {
	COST_RATE,
	COST_CPU,
	COST_WRITES,
	COST_BYTES,
	COST__MAX
};

static const char *const costs[COST__MAX] = {
    "appended in a second", "us of processor", "write calls", "bytes written"};

static double
number_of(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p != NULL ? strtod(p + strlen(name), NULL) : 0;
}

/* The totals of this process; the rate is the time. */
static void
get_totals(double totals[COST__MAX])
{
	struct rusage r;
	char text[1024] = "";
	FILE *f = fopen("/proc/self/io", "re");
	size_t n = f != NULL ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (n == 0 || getrusage(RUSAGE_SELF, &r) != 0)
		exit(1);
	(void)fclose(f);
	totals[COST_RATE] = (double)now_ns() / 1e9;
	totals[COST_CPU] =
	    (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 +
	    (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
	totals[COST_WRITES] = number_of(text, "syscw: ");
	totals[COST_BYTES] = number_of(text, "wchar: ");
}

static void
measure_lists(struct grown *g, size_t length, double costs_of[COST__MAX])
{
	double before[COST__MAX], after[COST__MAX], n;
	uint64_t first = atomic_load(&g->next);

	get_totals(before);
	g->deadline = now_ns() + MEASURING;
	g->length = length;
	in_threads(g, 1, append_lists);
	get_totals(after);
	n = (double)(atomic_load(&g->next) - first);
	for (enum cost k = 0; k < COST__MAX; k++)
		costs_of[k] = (after[k] - before[k]) / n;
	costs_of[COST_RATE] = 1 / costs_of[COST_RATE];
}

static void
print_size(struct grown *g)
{
	struct bw_store_stats stats;
	struct bw_error e = {0};

	if (bw_store_stats(g->store, &stats, &e) != BW_OK)
		die(&e);
	printf("\n%llu events, %.0f bytes for each\n\n",
	    (unsigned long long)stats.events,
	    (double)stats.bytes / (double)stats.events);
	printf("  %-34s %10s %10s %8s\n", "", "small", "this", "ratio");
}

static void
compare_lists(struct grown *small, struct grown *g, size_t length)
{
	double measured[2][COST__MAX][ROUNDS];
	char title[64];

	g->until = small->until = UINT64_MAX;
	for (int i = 0; i < ROUNDS; i++) {
		double one[COST__MAX], other[COST__MAX];

		measure_lists(small, length, one);
		measure_lists(g, length, other);
		for (enum cost k = 0; k < COST__MAX; k++) {
			measured[0][k][i] = one[k];
			measured[1][k][i] = other[k];
		}
	}
	for (enum cost k = 0; k < COST__MAX; k++) {
		(void)snprintf(
		    title, sizeof(title), "%s, lists of %zu", costs[k], length);
		print_row(title, measured[0][k], measured[1][k]);
	}
}

/* The same with SQLite alone, in the same rounds. */
static void
compare_bare(struct grown *g, struct bare *small, struct bare *large)
{
	double bare[2][ROUNDS], times[2][2][ROUNDS], here[ROUNDS];

	g->until = UINT64_MAX;
	for (int i = 0; i < ROUNDS; i++) {
		double costs_of[COST__MAX];

		measure_lists(g, LIST, costs_of);
		here[i] = costs_of[COST_RATE];
		bare[0][i] = bare_rate(small);
		bare[1][i] = bare_rate(large);
		for (int k = 0; k < 2; k++) {
			times[k][0][i] = bare_look_up(small, k == 1);
			times[k][1][i] = bare_look_up(large, k == 1);
		}
	}
	print_row("bare SQLite, lists of 64", bare[0], bare[1]);
	print_row("bare SQLite and this, the same", bare[1], here);
	print_row("us, of a message, bare SQLite", times[0][0], times[0][1]);
	print_row("us, of a person, bare SQLite", times[1][0], times[1][1]);
}

static void
compare_sizes(struct grown *g, struct bare *bare, const char *folder)
{
	struct bare small_bare;
	double rates[2][ROUNDS], times[LOOK__MAX][2][ROUNDS];
	struct grown small;

	create_grown(&small, folder, "small");
	grow(&small, SMALL);
	print_size(g);
	for (int i = 0; i < ROUNDS; i++) {
		rates[0][i] = append_rate(&small);
		rates[1][i] = append_rate(g);
		write_terms(&small);
		write_terms(g);
		for (enum look k = 0; k < LOOK__MAX; k++) {
			times[k][0][i] = look_up(&small, k);
			times[k][1][i] = look_up(g, k);
		}
	}
	print_row("appended in a second", rates[0], rates[1]);
	for (enum look k = 0; k < LOOK__MAX; k++) {
		char title[64];

		(void)snprintf(title, sizeof(title), "us, %s", looks[k]);
		print_row(title, times[k][0], times[k][1]);
	}
	for (size_t i = 0; i < LENGTHS; i++)
		compare_lists(&small, g, lengths[i]);
	bare_open(&small_bare, folder, "plain");
	bare_append(&small_bare, SMALL);
	compare_bare(g, &small_bare, bare);
	bare_close(&small_bare);
	stall_open(g, folder);
	(void)fflush(stdout);
	remove_grown(&small);
}

int
main(int argc, char **argv)
{
	struct grown g;
	struct bare bare;
	uint64_t count;

	if (argc != 3) {
		fputs("usage: growth FOLDER EVENTS\n", stderr);
		return 64;
	}
	count = strtoull(argv[2], NULL, 10);
	create_grown(&g, argv[1], "growth");
	bare_open(&bare, argv[1], "bare");
	for (uint64_t size = SMALL; size <= count; size *= 10) {
		int64_t start = now_ns();

		stall_watch(&g);
		grow(&g, size);
		printf("\ngrown in %.0f s\n", (double)(now_ns() - start) / 1e9);
		stall_print();
		bare_append(&bare, size);
		compare_sizes(&g, &bare, argv[1]);
	}
	if (count > SMALL)
		stall_drop(&g, &bare);
	bare_close(&bare);
	remove_grown(&g);
	return 0;
}
