/*
 * Port-outs with a million subscribers: the time of a verdict, the longest time
 * while the file is reloaded, and the memory. Creates its files in the given
 * folder.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bwcallback/callback.h>
#include <bwcallback/config.h>

#include "base/request.h"
#include "base/response.h"

#define MANY  1000000
#define TIMES 20000

static struct bw_config *config;
static struct bw_callback_context *worker;
static struct bw_response resp;

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

/* zip: of all subscribers, so that a verdict shows which file was used. */
static void
write_file(const char *name, const char *zip)
{
	FILE *f = fopen("new.csv", "w");

	if (f == NULL)
		die("new.csv");
	fputs("Number,Account,PIN,ZIP,Name,Status,Lock\n", f);
	for (unsigned i = 0; i < MANY; i++)
		fprintf(f, "%llu,AC-%07u,%04u,%s,Subscriber %u,active,\n",
		    2010000000ULL + i * 7ULL, i, i % 10000, zip, i);
	if (fclose(f) != 0 || rename("new.csv", name) != 0)
		die(name);
}

/* Memory in kilobytes, from the kernel. */
static long
memory(const char *what)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long value = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, what, strlen(what)) == 0)
			value = strtol(line + strlen(what) + 1, NULL, 10);
	}
	if (f != NULL)
		fclose(f);
	return value;
}

/* May the number leave, by the file with this zip? */
static bool
ask(unsigned i, const char *zip)
{
	static unsigned pon;
	char body[600];
	struct bw_request req = {
	    .method = BW_METHOD_POST,
	    .method_name = BW_STR("POST"),
	    .path = BW_STR("/portout"),
	    .content_type = BW_STR("application/xml; charset=utf-8"),
	    .body.p = body,
	};
	struct timespec t;

	req.body.n = (size_t)snprintf(body, sizeof(body),
	    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
	    "<PortOutValidationRequest><PON>P-%u</PON><Pin>%04u</Pin>"
	    "<AccountNumber>ac%07u</AccountNumber><ZipCode>%s</ZipCode>"
	    "<TelephoneNumbers><TelephoneNumber>%llu</TelephoneNumber>"
	    "</TelephoneNumbers></PortOutValidationRequest>",
	    ++pon, i % 10000, i, zip, 2010000000ULL + i * 7ULL);
	req.content_length = (int64_t)req.body.n;
	clock_gettime(CLOCK_MONOTONIC, &t);
	req.arrived = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	bw_callback_answer(worker, config, &req, &resp);
	return resp.status == 200 && resp.body.n > 0 &&
	       memmem(resp.body.p, resp.body.n, "<Portable>true<", 15) != NULL;
}

static unsigned
some(unsigned i)
{
	return (unsigned)(i * 2654435761ULL % MANY);
}

static void
measure_verdicts(void)
{
	double start, end;
	unsigned wrong = 0;

	for (unsigned i = 0; i < 1000; i++)
		wrong += !ask(some(i), "27601");
	start = seconds(CLOCK_THREAD_CPUTIME_ID);
	for (unsigned i = 0; i < TIMES; i++)
		wrong += !ask(some(i), "27601");
	end = seconds(CLOCK_THREAD_CPUTIME_ID);
	printf("%-28s %7.2f us of CPU\n", "a verdict",
	    (end - start) * 1e6 / TIMES);
	if (wrong != 0)
		printf("%u verdicts were wrong\n", wrong);
}

static void
measure_reload(void)
{
	const struct timespec pause = {.tv_nsec = 200000};
	double begin, longest = 0;
	unsigned count = 0, neither = 0;
	bool changed = false;

	write_file("subscribers.csv", "27602");
	begin = seconds(CLOCK_MONOTONIC);
	while (!changed && seconds(CLOCK_MONOTONIC) - begin < 60) {
		double start = seconds(CLOCK_MONOTONIC), took;
		bool before = ask(some(count), "27601");

		took = seconds(CLOCK_MONOTONIC) - start;
		if (took > longest)
			longest = took;
		changed = !before && ask(some(count), "27602");
		neither += !before && !changed;
		count++;
		(void)nanosleep(&pause, NULL);
	}
	printf("%-28s %7.2f s after it changed, %u verdicts meanwhile\n",
	    "a new file is in use", seconds(CLOCK_MONOTONIC) - begin, count);
	printf("%-28s %7.2f ms\n", "the longest of them", longest * 1e3);
	if (neither != 0)
		printf("%u were by neither file\n", neither);
}

int
main(int argc, char **argv)
{
	static const char text[] =
	    "<callbacks><portout path='/portout'>"
	    "<subscribers file='subscribers.csv'/></portout></callbacks>";
	struct bw_error e = {0};
	double start;
	long before;
	FILE *f;

	if (argc != 2 || chdir(argv[1]) != 0)
		die("folder");
	f = fopen("callbacks.xml", "w");
	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0)
		die("callbacks.xml");
	write_file("subscribers.csv", "27601");
	before = memory("VmRSS");
	start = seconds(CLOCK_PROCESS_CPUTIME_ID);
	if (bw_config_load("callbacks.xml", &config, &(struct bw_reporter){0},
		&e) != BW_OK) {
		fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	printf("%-28s %7.2f s of CPU\n", "a million lines are read",
	    seconds(CLOCK_PROCESS_CPUTIME_ID) - start);
	printf(
	    "%-28s %7ld MB\n", "they need", (memory("VmRSS") - before) / 1024);
	worker = bw_callback_context_new();
	bwi_response_init(&resp);
	if (worker == NULL)
		return 1;
	measure_verdicts();
	measure_reload();
	printf("%-28s %7ld MB\n", "at most, with both files",
	    (memory("VmHWM") - before) / 1024);
	bwi_response_release(&resp);
	bw_callback_context_free(worker);
	bw_config_unref(config);
	return 0;
}
