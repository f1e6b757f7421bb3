/* Prints what explore found, and the command that reproduces it. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/base/memory.h"
#include "sim/base/printable.h"

#include "cli/simulate/simulate_explore.h"

struct words {
	char **list;
	size_t n;
};

static void
add(struct words *w, char *word)
{
	w->list = sim_resize(w->list, w->n, w->n + 1, sizeof(*w->list));
	w->list[w->n++] = word;
}

static void
add_option(struct words *w, const char *name, const char *value)
{
	if (value == NULL)
		return;
	add(w, sim_copy(name));
	add(w, sim_copy(value));
}

static void
free_words(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->list[i]);
	free(w->list);
}

static void
add_time(struct words *w, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	char text[40];

	if (gmtime_r(&t, &tm) != NULL &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		add_option(w, "--at", text);
}

static void
add_people(struct words *w, const struct sim_caller *c)
{
	struct bw_buf b;

	bw_buf_init(&b, 8192);
	sim_caller_words(c, &b);
	if (c->moves_n > 0)
		add_option(w, "--digits", b.p);
	for (size_t i = 0; i < c->callees_n; i++) {
		char *value;

		bw_buf_reset(&b);
		sim_callee_words(&c->callees[i], &b);
		value = sim_format("%s=%s", c->callees[i].number, b.p);
		add_option(w, "--callee", value);
		free(value);
	}
	bw_buf_free(&b);
}

/* SIP headers come from SIP URIs only. */
static void
add_sip(struct words *w, const struct simulate_options *o,
    const struct sim_caller *c)
{
	if (c->sip.texts[SIM_SIP_HEADERS][0] != '\0')
		add_option(
		    w, "--from", *o->from == '+' ? SIM_SIP_CALLER : o->from);
	for (size_t i = 0; i < SIM_SIP__MAX; i++) {
		char *name =
		    sim_format("--%s", sim_sip_name((enum sim_sip_member)i));

		if (c->sip.texts[i][0] != '\0')
			add_option(w, name, c->sip.texts[i]);
		free(name);
	}
}

/* Build the command that plays this caller. */
static void
add_command(struct words *w, const struct simulate_options *o,
    const struct sim_entry_point *door, const struct sim_caller *c)
{
	add(w, sim_copy("bwcallback"));
	add(w, sim_copy("simulate"));
	add(w, sim_copy("call"));
	add_option(w, "--flow", o->flow);
	if (o->password_file != NULL) {
		add_option(w, "--user", o->user);
		add_option(w, "--password-file", o->password_file);
	}
	if (o->flow != NULL)
		add_time(w, c->start);
	if (door->outbound) {
		add(w, sim_copy("--outbound"));
		add_option(w, "--tag", door->call.tag);
		add_option(
		    w, "--machine-detection", door->call.machine_detection);
		add_option(w, "--machine", c->machine);
	}
	add_sip(w, o, c);
	add_option(w, "--status-url", o->status_url);
	add_option(w, "--fallback-url", o->fallback_url);
	add_people(w, c);
	if (c->wire_fault != SIM_WIRE_FAULT_NONE) {
		char *value = sim_format("%zu=%s", c->wire_fault_at,
		    sim_wire_fault_word(c->wire_fault));

		add_option(w, "--fail", value);
		free(value);
	}
	add(w, o->argc > 0
		   ? sim_copy(o->argv[0])
		   : sim_copy(
			 strchr(strstr(door->call.first.url, "://") + 3, '/')));
}

/* Print a word for a shell. In single quotes every character is literal. */
static void
print_word(const char *word)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789+-_./:=@,%";

	if (*word != '\0' && word[strspn(word, harmless)] == '\0') {
		fputs(word, stdout);
		return;
	}
	putchar('\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			sim_printable(stdout, (struct bw_str){word, 1});
	}
	putchar('\'');
}

static void
print_text(const struct sim_finding *f, const struct words *w)
{
	const struct sim_position *s = &f->fault.position;

	if (*s->file != '\0') {
		sim_printable_text(stdout, s->file);
		printf(":%d: ", s->line);
	}
	sim_printable_text(stdout, *s->event != '\0' ? s->event : "call");
	if (*s->path != '\0') {
		fputs(" at ", stdout);
		sim_printable_text(stdout, s->path);
	}
	fputs(": ", stdout);
	sim_printable_text(stdout, f->fault.text);
	fputs("\n   ", stdout);
	for (size_t i = 0; i < w->n; i++) {
		putchar(' ');
		print_word(w->list[i]);
	}
	putchar('\n');
}

static void
print_json(const struct sim_finding *f, const struct words *w)
{
	const struct sim_position *s = &f->fault.position;

	printf("{\"fault\":\"%s\",\"text\":", sim_fault_word(f->fault.kind));
	sim_printable_json_text(stdout, f->fault.text);
	fputs(",\"event\":", stdout);
	sim_printable_json_text(stdout, s->event);
	fputs(",\"path\":", stdout);
	sim_printable_json_text(stdout, s->path);
	if (*s->file != '\0') {
		fputs(",\"file\":", stdout);
		sim_printable_json_text(stdout, s->file);
		printf(",\"line\":%d", s->line);
	}
	printf(",\"callers\":%zu,\"command\":[", f->met);
	for (size_t i = 0; i < w->n; i++) {
		if (i > 0)
			putchar(',');
		sim_printable_json_text(stdout, w->list[i]);
	}
	fputs("]}\n", stdout);
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void
print_end(const struct simulate_options *o, const struct sim_exploration *e,
    const struct coverage *c)
{
	size_t rules = 0, tried = 0;

	if (c != NULL)
		coverage_count(c, &rules, &tried);
	if (o->json) {
		printf("{\"callers\":%zu,\"choices\":%zu,\"faults\":%zu,"
		       "\"rules\":%zu,\"tried\":%zu,\"seed\":%lld}\n",
		    e->played, e->states, e->findings_n, rules, tried,
		    (long long)o->seed);
		return;
	}
	printf("%zu callers, %zu points where they had a choice, %zu fault%s "
	       "found (seed %lld)\n",
	    e->played, e->states, e->findings_n, plural(e->findings_n),
	    (long long)o->seed);
	if (rules == 0)
		return;
	printf("%zu of %zu rules were tried%s\n", tried, rules,
	    tried < rules ? "; never:" : "");
	coverage_untried(c, stdout, "  ");
}

void
explore_report(const struct simulate_options *o,
    const struct sim_entry_point *doors, const struct sim_exploration *e,
    const struct coverage *c)
{
	for (size_t i = 0; i < e->findings_n; i++) {
		const struct sim_finding *f = &e->findings[i];
		struct words w = {.n = 0};

		add_command(&w, o, &doors[f->caller.entry_point], &f->caller);
		if (o->json)
			print_json(f, &w);
		else
			print_text(f, &w);
		free_words(&w);
	}
	print_end(o, e, c);
}
