/* Plays documents to all members of a conference. */
#include <stdlib.h>

#include "sim/base/memory.h"
#include "sim/call/conference_event.h"
#include "sim/call/prompt.h"
#include "sim/call/recording.h"

static void play(void *arg);

static void
drop_first(struct sim_conference *f)
{
	struct sim_conference_queue *q = f->queue;

	f->queue = q->next;
	sim_document_free(q->document);
	free(q);
}

static void
record(struct sim_conference *f, const xmlNode *node, const char *base)
{
	if (sim_node_is(node, "StartRecording")) {
		if (f->recording == NULL)
			sim_recording_start(&f->recording, NULL, f, node, base);
	} else if (sim_node_is(node, "StopRecording")) {
		sim_recording_stop(&f->recording);
	} else {
		sim_recording_pause(
		    f->recording, sim_node_is(node, "PauseRecording"));
	}
}

/* Returns milliseconds; a file that cannot be played is skipped. */
static int64_t
run(struct sim_conference *f, const xmlNode *node, const char *base)
{
	struct sim_prompt p;

	sim_world_log(f->world, &(struct sim_log_entry){
				    .kind = SIM_LOG_VERB,
				    .call = f->id,
				    .name = (const char *)node->name,
				});
	if (!sim_node_is(node, "SpeakSentence") &&
	    !sim_node_is(node, "PlayAudio")) {
		record(f, node, base);
		return 0;
	}
	p = sim_prompt_play(f->world, f->id, node, base);
	if (p.wrong == NULL)
		return p.lasts;
	sim_document_report(f->world,
	    &(struct sim_reading){
		.about = f->id,
		.event = "PlayAudio",
		.otherwise = "the conference goes on without it",
	    },
	    &(struct bw_finding){
		.severity = BW_SEVERITY_ERROR,
		.file = base != NULL ? base : "BXML",
		.line = (int)xmlGetLineNo(node),
		.text = p.wrong,
	    });
	return 0;
}

static void
play(void *arg)
{
	struct sim_conference *f = arg;
	int64_t lasts = 0;

	while (f->queue != NULL && lasts == 0) {
		struct sim_document *d = f->queue->document;
		const xmlNode *node = sim_document_step(d);

		if (node != NULL)
			lasts = run(f, node, d->base);
		else
			drop_first(f);
	}
	f->playing = lasts > 0;
	if (f->playing)
		f->play_timer = sim_scheduler_add(f->world->scheduler,
		    sim_world_now(f->world) + lasts, play, f);
}

void
sim_conference_queue(struct sim_conference *f, struct sim_document *d)
{
	struct sim_conference_queue *q = sim_alloc(sizeof(*q)), **link;

	q->document = d;
	for (link = &f->queue; *link != NULL; link = &(*link)->next)
		continue;
	*link = q;
	if (!f->playing)
		play(f);
}

void
sim_conference_stop_playing(struct sim_conference *f)
{
	sim_scheduler_cancel(f->world->scheduler, f->play_timer);
	f->play_timer = 0;
	f->playing = false;
	while (f->queue != NULL)
		drop_first(f);
}
