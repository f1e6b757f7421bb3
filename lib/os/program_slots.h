#ifndef BWI_OS_PROGRAM_SLOTS_H
#define BWI_OS_PROGRAM_SLOTS_H

#include <stddef.h>

#include <bwcallback/tools/parked.h>

#include "base/priority.h"

/*
 * Limits how many programs run at once. Requests of a higher priority are
 * served first, and some slots are reserved for them. So messages that wait for
 * a hung program leave slots for calls, and calls leave slots for port-outs.
 */

/* A request that has a slot, or waits for one. Zero it before its first use.
 */
struct bwi_program_slot {
	struct bwi_program_slot *next;
	enum bwi_priority priority;
	struct bw_waker waker;
	enum {
		BWI_SLOT_NONE,
		BWI_SLOT_WAITS,
		BWI_SLOT_TAKEN
	} state;
};

/*
 * true: the program may run. false: the request is queued, and the waker called
 * when it is its turn; then call this again.
 */
bool bwi_program_slot_take(struct bwi_program_slot *, enum bwi_priority,
    const struct bw_waker *) BW_CHECK;
/* Give the slot, or the turn in the queue, back. */
void bwi_program_slot_leave(struct bwi_program_slot *);

/* Number of slots in use. */
unsigned bwi_program_slots_taken(void);

#endif
