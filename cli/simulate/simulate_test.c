/* bwcallback simulate test: play scenarios and print TAP. */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/base/memory.h"
#include "sim/base/printable.h"
#include "sim/report/transcript.h"
#include "sim/scenario/scenario_run.h"

#include "cli/common/coverage.h"
#include "cli/common/findings.h"
#include "cli/common/terminal.h"
#include "cli/simulate/simulate.h"

#define STACK (1024 * 1024)

struct point {
	const struct sim_scenarios *file;
	struct sim_scenario *scenario;
	char *wrong; /* failures, one a line; NULL: none */
	char *story; /* transcript of a failed scenario */
	bool done;
};

/* Coverage of a flow, shared by all threads. */
struct tried {
	const char *flow;
	struct coverage *coverage;
};

struct programme {
	const struct simulate_options *options;
	struct sim_scenarios **files;
	size_t files_n;
	struct point *points;
	size_t n;
	bool failed; /* a file cannot be read or a flow does not load */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t begun;
	struct tried *tried;
	size_t tried_n;
};

static void
add_file(struct programme *p, const char *name, bool must)
{
	const struct bw_reporter to = {.fn = finding_complain};
	struct sim_scenarios *s = NULL;
	struct bw_error e = {BW_OK, 0, ""};

	if (sim_scenarios_load(name, &s, &to, &e) != BW_OK ||
	    (s == NULL && must)) {
		terminal_complain("%s", e.msg);
		p->failed = true;
	}
	if (s == NULL)
		return;
	p->files =
	    sim_resize(p->files, p->files_n, p->files_n + 1, sizeof(*p->files));
	p->files[p->files_n++] = s;
	p->points =
	    sim_resize(p->points, p->n, p->n + s->n, sizeof(*p->points));
	for (size_t i = 0; i < s->n; i++)
		p->points[p->n++] =
		    (struct point){.file = s, .scenario = &s->list[i]};
}

static int
is_xml(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 4 && strcmp(d->d_name + n - 4, ".xml") == 0;
}

/* Add all scenario files of a folder, sorted by name. */
static bool
add_folder(struct programme *p, const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, is_xml, alphasort);

	if (n < 0)
		return false;
	for (int i = 0; i < n; i++) {
		char *path = sim_format("%s/%s", folder, names[i]->d_name);

		add_file(p, path, false);
		free(path);
		free(names[i]);
	}
	free(names);
	return true;
}

static void
add(struct programme *p, const char *name)
{
	struct stat st;
	size_t before = p->n;

	if (stat(name, &st) != 0 || !S_ISDIR(st.st_mode)) {
		add_file(p, name, true);
	} else if (!add_folder(p, name)) {
		terminal_complain("%s: %s", name, strerror(errno));
		p->failed = true;
	} else if (p->n == before && !p->failed) {
		terminal_complain("%s: no scenario file in the folder", name);
		p->failed = true;
	}
}

/* State of one thread; made anew when the next file uses another flow. */
struct player {
	struct programme *programme;
	struct sim_wire *wire;
	const char *flow;
	struct coverage *coverage; /* shared by all threads; NULL: with a URL */
	struct sim_transcript *story;
};

static const char *
flow_of(const struct programme *p, const struct point *t)
{
	if (p->options->url != NULL)
		return NULL;
	if (p->options->flow != NULL)
		return p->options->flow;
	return t->file->flow != NULL ? t->file->flow : command_config();
}

/* NULL: the flow does not load; the wire reports why. */
static struct coverage *
coverage_of(struct programme *p, const char *flow)
{
	const struct bw_reporter quiet = {.fn = NULL};
	struct coverage *c = NULL;

	(void)pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < p->tried_n && c == NULL; i++) {
		if (strcmp(p->tried[i].flow, flow) == 0)
			c = p->tried[i].coverage;
	}
	if (c == NULL && (c = coverage_new(flow, &quiet)) != NULL) {
		p->tried = sim_resize(
		    p->tried, p->tried_n, p->tried_n + 1, sizeof(*p->tried));
		p->tried[p->tried_n++] = (struct tried){flow, c};
	}
	(void)pthread_mutex_unlock(&p->lock);
	return c;
}

static bool
set_wire(struct player *pl, const char *flow)
{
	struct simulate_options o = *pl->programme->options;

	if (pl->wire != NULL && (flow == NULL || strcmp(flow, pl->flow) == 0))
		return true;
	sim_wire_free(pl->wire);
	o.flow = pl->flow = flow;
	pl->wire = simulate_wire(&o);
	if (pl->wire != NULL && flow != NULL)
		pl->coverage = coverage_of(pl->programme, flow);
	return pl->wire != NULL;
}

static void
take_entry(void *arg, const struct sim_log_entry *n)
{
	struct player *pl = arg;

	sim_transcript_log(pl->story, n);
	if (pl->coverage != NULL && n->kind == SIM_LOG_REQUEST) {
		(void)pthread_mutex_lock(&pl->programme->lock);
		coverage_log(pl->coverage, n);
		(void)pthread_mutex_unlock(&pl->programme->lock);
	}
}

/* The URL of calls whose scenario has none: --url if it has a path. */
static const char *
first_url(const struct simulate_options *o)
{
	const char *host = o->url != NULL ? strstr(o->url, "://") : NULL;
	const char *path = host != NULL ? strpbrk(host + 3, "/?#") : NULL;

	return path != NULL && strcmp(path, "/") != 0 ? o->url : "/voice";
}

/* Play a scenario. The transcript is kept to show how it failed. */
static void
play_on(struct player *pl, struct point *t, size_t number, FILE *out)
{
	struct simulate_options o = *pl->programme->options;
	char *base;

	o.flow = pl->flow;
	base = simulate_url(&o, o.url != NULL ? o.url : "/");
	const struct sim_scenario_options st = {.wire = pl->wire,
	    .base = base,
	    .url = first_url(&o),
	    .user = o.user == NULL && o.flow != NULL ? "bandwidth" : o.user,
	    .password = o.password,
	    .options = o.world,
	    .at = o.at,
	    .seed = (uint64_t)o.seed + number,
	    .observer = {take_entry, pl}};

	pl->story = sim_transcript_new(out, false);
	t->wrong = sim_scenario_run(t->file->file, t->scenario, &st);
	sim_transcript_free(pl->story);
	free(base);
}

static void
play(struct player *pl, struct point *t, size_t number)
{
	const char *flow = flow_of(pl->programme, t);
	size_t n;
	FILE *out;

	if (flow == NULL && pl->programme->options->url == NULL) {
		t->wrong = sim_format("%s: no flow is named in it: --flow or "
				      "--url says who answers\n",
		    t->file->file);
		return;
	}
	if (!set_wire(pl, flow)) {
		t->wrong = sim_format("%s: it does not load\n", flow);
		return;
	}
	out = open_memstream(&t->story, &n);
	if (out == NULL)
		sim_no_memory();
	play_on(pl, t, number, out);
	if (fclose(out) != 0)
		sim_no_memory();
}

static void *
run_player(void *arg)
{
	struct programme *p = arg;
	struct player pl = {.programme = p};
	size_t i;

	(void)pthread_mutex_lock(&p->lock);
	while ((i = p->begun) < p->n) {
		p->begun++;
		(void)pthread_mutex_unlock(&p->lock);
		play(&pl, &p->points[i], i);
		(void)pthread_mutex_lock(&p->lock);
		p->points[i].done = true;
		(void)pthread_cond_broadcast(&p->changed);
	}
	(void)pthread_mutex_unlock(&p->lock);
	sim_wire_free(pl.wire);
	return NULL;
}

/* Print text as TAP comments. */
static void
put_comment(const char *text)
{
	while (text != NULL && *text != '\0') {
		size_t n = strcspn(text, "\n");

		fputs("# ", stdout);
		sim_printable(stdout, (struct bw_str){text, n});
		putchar('\n');
		text += n + (text[n] == '\n');
	}
}

/* Escape '#', which begins a directive in TAP. */
static void
put_name(const char *name)
{
	while (*name != '\0') {
		size_t n = strcspn(name, "#");

		sim_printable(stdout, (struct bw_str){name, n});
		name += n;
		if (*name == '#') {
			fputs("\\#", stdout);
			name++;
		}
	}
	putchar('\n');
}

static void
print_point(const struct point *t, size_t number)
{
	printf("%s %zu - ", t->wrong == NULL ? "ok" : "not ok", number);
	put_name(t->scenario->name);
	if (t->wrong != NULL) {
		put_comment(t->wrong);
		put_comment(t->story);
	}
	(void)fflush(stdout);
}

/* Print the points in order, each as soon as it is done. */
static bool
print_points(struct programme *p)
{
	bool good = true;

	for (size_t i = 0; i < p->n; i++) {
		(void)pthread_mutex_lock(&p->lock);
		while (!p->points[i].done)
			(void)pthread_cond_wait(&p->changed, &p->lock);
		(void)pthread_mutex_unlock(&p->lock);
		print_point(&p->points[i], i + 1);
		good = good && p->points[i].wrong == NULL;
	}
	printf("1..%zu\n", p->n);
	return good;
}

/* Print coverage as TAP comments, and to the file of --coverage. */
static void
print_coverage(const struct tried *t, FILE *out)
{
	size_t rules, tried;

	coverage_count(t->coverage, &rules, &tried);
	printf("# ");
	sim_printable_text(stdout, t->flow);
	printf(": %zu of %zu rules tried\n", tried, rules);
	coverage_untried(t->coverage, stdout, "# never tried: ");
	if (out != NULL)
		coverage_write(t->coverage, out);
}

static bool
report_coverage(const struct programme *p)
{
	const char *name = p->options->coverage;
	FILE *out = name != NULL ? fopen(name, "w") : NULL;
	bool good = name == NULL || out != NULL;

	for (size_t i = 0; i < p->tried_n; i++)
		print_coverage(&p->tried[i], out);
	if (out != NULL && (ferror(out) != 0) + (fclose(out) != 0) > 0)
		good = false;
	if (!good)
		terminal_complain("%s: %s", name, strerror(errno));
	return good;
}

static size_t
start(struct programme *p, pthread_t *threads, size_t n)
{
	pthread_attr_t attr;
	size_t i = 0;

	if (pthread_attr_init(&attr) != 0)
		return 0;
	(void)pthread_attr_setstacksize(&attr, STACK);
	while (i < n && pthread_create(&threads[i], &attr, run_player, p) == 0)
		i++;
	(void)pthread_attr_destroy(&attr);
	return i;
}

static int
perform(struct programme *p)
{
	size_t wanted = (size_t)p->options->jobs, n;
	pthread_t *threads;
	bool good;

	wanted = wanted < p->n ? wanted : p->n;
	threads = sim_resize(NULL, 0, wanted, sizeof(*threads));
	n = start(p, threads, wanted);
	if (n == 0)
		(void)run_player(p);
	good = print_points(p);
	for (size_t i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
	free(threads);
	if (!report_coverage(p))
		return 74;
	return good ? 0 : 1;
}

static void
free_programme(struct programme *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->points[i].wrong);
		free(p->points[i].story);
	}
	free(p->points);
	for (size_t i = 0; i < p->files_n; i++)
		sim_scenarios_free(p->files[i]);
	free(p->files);
	for (size_t i = 0; i < p->tried_n; i++)
		coverage_free(p->tried[i].coverage);
	free(p->tried);
	(void)pthread_cond_destroy(&p->changed);
	(void)pthread_mutex_destroy(&p->lock);
}

/*
 * A remote server's clock is not changed: at= only sets the times in the
 * events.
 */
static void
report_clock(const struct programme *p)
{
	const struct sim_scenarios *last = NULL;

	for (size_t i = 0; i < p->n && p->options->url != NULL; i++) {
		const struct point *t = &p->points[i];

		if (t->scenario->at < 0 || t->file == last)
			continue;
		printf("# ");
		sim_printable_text(stdout, t->file->file);
		printf(":%d: \"at\" sets the times of the events, not the "
		       "clock of the application: its opening hours go by "
		       "today's time; use --flow to test them\n",
		    t->scenario->line);
		last = t->file;
	}
}

static int
run(const struct simulate_options *o)
{
	struct programme p = {.options = o,
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .changed = PTHREAD_COND_INITIALIZER};
	int status = 66;

	for (int i = 0; i < o->argc; i++)
		add(&p, o->argv[i]);
	if (!p.failed) {
		report_clock(&p);
		status = perform(&p);
	}
	free_programme(&p);
	return status;
}

int
simulate_test(const struct command *c, int argc, char **argv)
{
	struct simulate_options o;
	int status;

	simulate_options_init(&o);
	status = simulate_options_parse(&o, c, argc, argv, NULL);
	if (status < 0)
		status = run(&o);
	simulate_options_free(&o);
	return status;
}
