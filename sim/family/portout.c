/* Port-out validation: Bandwidth asks whether numbers may be ported. */
#include "sim/family/portout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/json_members.h"
#include "sim/base/memory.h"
#include "sim/deliver/callback_target.h"
#include "sim/deliver/post.h"
#include "sim/family/portout_response.h"

#define PAUSE INT64_C(300000) /* between two attempts */
#define TRIES 9

struct portout {
	struct sim_world *world;
	struct sim_targets targets;
	char *pon;
	char *about;
	struct bw_buf body;
	int tries;
};

static void
free_portout(void *arg)
{
	struct portout *p = arg;

	sim_targets_free(&p->targets);
	free(p->pon);
	free(p->about);
	bw_buf_free(&p->body);
	free(p);
}

static void
log_decision(struct portout *p, bool portable, const char *text)
{
	struct sim_log_entry entry = {
	    .kind = SIM_LOG_STATE,
	    .call = p->about,
	    .name = portable ? "portable" : "refused",
	    .text = text,
	};

	sim_world_log(p->world, &entry);
}

/* The numbers are ported although the application did not approve. */
static void
report_unintended_yes(struct portout *p, const char *why)
{
	sim_world_report(p->world, p->about, "validation",
	    p->targets.primary.url, BW_SEVERITY_ERROR,
	    "%s: Bandwidth treats it as an approval", why);
	log_decision(p, true, "the numbers are ported without an approval");
}

static void
read_response(struct portout *p, const struct sim_answer *a)
{
	struct sim_portout_response v;
	char *text;

	sim_portout_response_read(
	    &v, (struct bw_str){a->body.p, a->body.n}, p->pon);
	if (v.wrong != NULL && !v.harmless) {
		report_unintended_yes(p, v.wrong);
		return;
	}
	if (v.wrong != NULL)
		sim_world_report(p->world, p->about, "validation",
		    p->targets.primary.url, BW_SEVERITY_WARNING, "%s", v.wrong);
	if (v.portable) {
		log_decision(p, true, "the numbers may be ported");
		return;
	}
	text = sim_format("%d: the numbers stay, the order %s", v.code,
	    v.ends ? "is cancelled" : "can be corrected");
	log_decision(p, false, text);
	free(text);
}

static void run(void *arg);

static void
schedule_retry(struct portout *p, const char *why)
{
	char *text = sim_format("again in %" PRId64 " s (%s)", PAUSE / 1000,
	    why != NULL ? why : "no answer");
	struct sim_log_entry entry = {
	    .kind = SIM_LOG_RETRY,
	    .call = p->about,
	    .name = "validation",
	    .text = text,
	};

	sim_world_log(p->world, &entry);
	free(text);
	(void)sim_scheduler_add(
	    p->world->scheduler, sim_world_now(p->world) + PAUSE, run, p);
}

static void
run(void *arg)
{
	struct portout *p = arg;
	struct sim_callback c = {
	    .event = "validation",
	    .about = p->about,
	    .family = BW_FAMILY_PORTOUT,
	    .sync = true,
	    .once = true,
	    .primary = sim_target_find(&p->targets.primary),
	    .type = "application/xml; charset=utf-8",
	    .body = {p->body.p, p->body.n},
	};
	struct sim_answer a;
	char *why;

	sim_answer_init(&a);
	sim_deliver(p->world, &c, &a);
	if (a.status == 0 && ++p->tries < TRIES) {
		schedule_retry(p, a.why);
	} else if (a.status == 0) {
		report_unintended_yes(p, "no answer in 40 minutes");
	} else if (a.status != 200) {
		why = sim_format("status %d", a.status);
		report_unintended_yes(p, why);
		free(why);
	} else {
		read_response(p, &a);
	}
	sim_answer_free(&a);
}

static void
write_request(struct bw_buf *b, const struct sim_portout *o)
{
	static const char *const default_numbers[] = {"9195550100"};
	const char *const *numbers = o->n > 0 ? o->numbers : default_numbers;

	bw_buf_init(b, SIM_MAX_POST);
	bw_buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\" "
		       "standalone=\"yes\"?><PortOutValidationRequest>");
	sim_json_element(b, "PON", o->pon);
	sim_json_element(b, "Pin", o->pin);
	sim_json_element(b, "AccountNumber", o->account);
	sim_json_element(b, "ZipCode", o->zip);
	sim_json_element(b, "SubscriberName", o->name);
	bw_buf_puts(b, "<TelephoneNumbers>");
	for (size_t i = 0; i < o->n || i == 0; i++)
		sim_json_element(b, "TelephoneNumber", numbers[i]);
	bw_buf_puts(b, "</TelephoneNumbers></PortOutValidationRequest>");
	if (b->err != BW_OK)
		sim_no_memory();
}

void
sim_portout(struct sim_world *w, const struct sim_portout *o, int64_t after)
{
	struct portout *p = sim_alloc(sizeof(*p));

	p->world = w;
	sim_targets_set(&p->targets, &o->target, NULL);
	p->pon = sim_copy(o->pon);
	p->about = o->pon != NULL ? sim_copy(o->pon) : sim_world_id(w, "po");
	write_request(&p->body, o);
	sim_world_own(w, free_portout, p);
	(void)sim_scheduler_add(w->scheduler, sim_world_now(w) + after, run, p);
}
