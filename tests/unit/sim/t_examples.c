/*
 * The bridge example with both calls: a caller waits, and the call of a
 * colleague, tagged with the id of the first call, takes it. Examples that need
 * only one call are tested by their scenarios.
 */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/passwd.h>

#include "sim/base/memory.h"
#include "sim/call/call.h"
#include "sim/person/role.h"

#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

/* All speech and all delivered callbacks, a line each. */
struct sent {
	struct bw_buf text;
	bool wrong;
};

static void
observe(void *arg, const struct sim_log_entry *n)
{
	struct sent *t = arg;

	if (n->kind == SIM_LOG_SAID || n->kind == SIM_LOG_CALLBACK) {
		bw_buf_puts(&t->text,
		    n->kind == SIM_LOG_SAID ? n->text : n->delivery->event);
		bw_buf_putc(&t->text, '\n');
	}
	if ((n->kind == SIM_LOG_FINDING &&
		n->finding->severity == BW_SEVERITY_ERROR) ||
	    (n->kind == SIM_LOG_CALLBACK && !n->delivery->delivered))
		t->wrong = true;
}

static void
copy_example(const char *example, const char *name)
{
	char *path = sim_format(
	    "%s/../../examples/%s/%s", tap_data_dir(), example, name);
	size_t n;
	char *text = tap_read_file(path, &n);

	ok(text != NULL, "%s is there", path);
	if (text != NULL)
		scratch_write_bytes(name, text, n);
	free(text);
	free(path);
}

static void
write_passwords(void)
{
	is_int(bw_passwd_set(
		   "passwd", BW_STR("bandwidth"), BW_STR("secret"), NULL),
	    BW_OK, "a password");
	scratch_write("password", "secret\n");
}

static struct sim_target
target(const char *path, char **url)
{
	*url = sim_format("https://callbacks.example.com%s", path);
	return (struct sim_target){.url = *url, .user = "bandwidth"};
}

static struct sim_call *
begin(struct sim_world *w, struct sim_role *role, const char *path,
    const char *tag, int64_t after)
{
	const struct sim_person person = sim_role_person(role);
	const struct sim_people nobody = {NULL, NULL};
	char *url;
	const struct sim_target first = target(path, &url);
	const struct sim_call_options o = {.from = "+19195550142",
	    .to = "+19195550100",
	    .first = first,
	    .last = first,
	    .tag = tag};
	struct sim_call *c = tag != NULL
				 ? sim_call_out(w, &o, &person, &nobody, after)
				 : sim_call_in(w, &o, &person, &nobody, after);

	free(url);
	return c;
}

/* Run the bridge: the caller talks for this long, the colleague acts. */
static void
bridge(int64_t talk_ms, const char *does, struct sent *sent)
{
	const struct bw_reporter quiet = {.fn = NULL};
	struct sim_wire *wire = sim_wire_flow("callbacks.xml", &quiet);
	const struct sim_log_observer observer = {observe, sent};
	struct sim_role caller, colleague;
	struct sim_options options;
	struct sim_world *w;

	*sent = (struct sent){.wrong = wire == NULL};
	bw_buf_init(&sent->text, 100000);
	if (wire == NULL)
		return;
	sim_options_init(&options);
	w = sim_world_new(&options, wire, &observer, 0, 1);
	sim_role_init(&caller);
	sim_role_init(&colleague);
	caller.talk_ms = talk_ms;
	is_int(sim_role_parse(&colleague, does, NULL), BW_OK, "%s", does);
	(void)begin(w, &colleague, "/voice/bridge/colleague",
	    sim_call_id(begin(w, &caller, "/voice/bridge", NULL, 0)), 5000);
	sim_world_run(w);
	sim_world_free(w);
	sim_wire_free(wire);
	sim_role_free(&caller);
	sim_role_free(&colleague);
	bw_buf_putc(&sent->text, '\0');
}

static const struct {
	const char *name;
	int64_t talk_ms;  /* length of the conversation, ms */
	const char *does; /* actions of the colleague */
	const char *sent;
} rows[] = {
    {"the caller hangs up first", 30000, "1",
	"initiate\nOne moment, please.\nanswer\n"
	"There is a call for you. To take it, press 1.\ngather\n"
	"disconnect\nbridgeComplete\ndisconnect\n"},
    {"the colleague does", 120000, "1,hangup@20",
	"initiate\nOne moment, please.\nanswer\n"
	"There is a call for you. To take it, press 1.\ngather\n"
	"disconnect\nbridgeTargetComplete\n"
	"Thank you for calling. Goodbye.\ndisconnect\n"},
    {"the colleague does not want it", 30000, "2",
	"initiate\nOne moment, please.\nanswer\n"
	"There is a call for you. To take it, press 1.\ngather\n"
	"Goodbye.\ndisconnect\n"
	"Nobody can take your call at the moment. Please call again later.\n"
	"disconnect\n"},
};

int
main(void)
{
	scratch_enter();
	write_passwords();
	copy_example("bridge", "callbacks.xml");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sent sent;

		bridge(rows[i].talk_ms, rows[i].does, &sent);
		ok(!sent.wrong, "%s: nothing is wrong", rows[i].name);
		is_str(sent.text.p, rows[i].sent, "%s", rows[i].name);
		bw_buf_free(&sent.text);
	}
	return tap_done();
}
