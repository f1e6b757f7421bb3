#include "os/program_slots.h"

#include <pthread.h>

/* The default of bw_programs_limit(). */
#define SLOTS 16

static struct {
	pthread_mutex_t lock;
	unsigned limit;
	unsigned taken;
	struct bwi_program_slot *waiting[BWI_PRIORITY__MAX]; /* oldest first */
} slots = {.lock = PTHREAD_MUTEX_INITIALIZER, .limit = SLOTS};

/* Number of slots that requests of this priority may occupy, at least one. */
static unsigned
share(enum bwi_priority p)
{
	static const unsigned eighths[BWI_PRIORITY__MAX] = {
	    [BWI_PRIORITY_REPEATED] = 4,
	    [BWI_PRIORITY_ONCE] = 6,
	    [BWI_PRIORITY_CALL] = 7,
	    [BWI_PRIORITY_DECISION] = 8,
	};
	unsigned n = slots.limit * eighths[p] / 8;

	return n > 0 ? n : 1;
}

void
bw_programs_limit(unsigned n)
{
	(void)pthread_mutex_lock(&slots.lock);
	slots.limit = n > 0 ? n : 1;
	(void)pthread_mutex_unlock(&slots.lock);
}

/* The lock is held. */
static void
take(struct bwi_program_slot *p)
{
	p->state = BWI_SLOT_TAKEN;
	slots.taken++;
}

static void
enqueue(struct bwi_program_slot *p)
{
	struct bwi_program_slot **at = &slots.waiting[p->priority];

	while (*at != NULL)
		at = &(*at)->next;
	p->next = NULL;
	*at = p;
	p->state = BWI_SLOT_WAITS;
}

static void
dequeue(struct bwi_program_slot *p)
{
	struct bwi_program_slot **at = &slots.waiting[p->priority];

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->state = BWI_SLOT_NONE;
}

/* Pass free slots on, the highest priority first. The lock is held. */
static void
serve(void)
{
	for (int i = BWI_PRIORITY__MAX - 1; i >= 0; i--) {
		while (slots.waiting[i] != NULL &&
		       slots.taken < share((enum bwi_priority)i)) {
			struct bwi_program_slot *p = slots.waiting[i];

			dequeue(p);
			take(p);
			p->waker.wake(p->waker.arg, false);
		}
	}
}

bool
bwi_program_slot_take(struct bwi_program_slot *p, enum bwi_priority priority,
    const struct bw_waker *waker)
{
	bool taken;

	(void)pthread_mutex_lock(&slots.lock);
	if (p->state == BWI_SLOT_NONE) {
		p->priority = priority;
		p->waker = *waker;
		if (slots.waiting[priority] == NULL &&
		    slots.taken < share(priority))
			take(p);
		else
			enqueue(p);
	}
	taken = p->state == BWI_SLOT_TAKEN;
	(void)pthread_mutex_unlock(&slots.lock);
	return taken;
}

void
bwi_program_slot_leave(struct bwi_program_slot *p)
{
	(void)pthread_mutex_lock(&slots.lock);
	if (p->state == BWI_SLOT_WAITS)
		dequeue(p);
	if (p->state == BWI_SLOT_TAKEN) {
		slots.taken--;
		p->state = BWI_SLOT_NONE;
		serve();
	}
	(void)pthread_mutex_unlock(&slots.lock);
}

unsigned
bwi_program_slots_taken(void)
{
	unsigned taken;

	(void)pthread_mutex_lock(&slots.lock);
	taken = slots.taken;
	(void)pthread_mutex_unlock(&slots.lock);
	return taken;
}
