/* Which requests may run a program when there are few slots. */
#include "os/program_slots.h"
#include "tests/tap/tap.h"

#define LIMIT 8

/* A request that wants a slot, and how often it was woken. */
struct request {
	struct bwi_program_slot slot;
	int woken;
};

static void
wake(void *arg, bool elsewhere)
{
	struct request *r = arg;

	(void)elsewhere;
	r->woken++;
}

static bool
take(struct request *r, enum bwi_priority priority)
{
	const struct bw_waker waker = {.wake = wake, .arg = r};

	return bwi_program_slot_take(&r->slot, priority, &waker);
}

static const struct {
	enum bwi_priority priority;
	size_t share;
} shares[] = {
    {BWI_PRIORITY_REPEATED, 4},
    {BWI_PRIORITY_ONCE, 6},
    {BWI_PRIORITY_CALL, 7},
    {BWI_PRIORITY_DECISION, LIMIT},
};
#define SHARES (sizeof(shares) / sizeof(shares[0]))

static void
leave_all(struct request *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bwi_program_slot_leave(&r[i].slot);
}

/* Each priority fills its share and leaves the rest to the higher ones. */
static void
test_shares(void)
{
	struct request r[LIMIT + SHARES] = {0};
	size_t n = 0;

	for (size_t i = 0; i < SHARES; i++) {
		size_t before = n;

		while (take(&r[n], shares[i].priority))
			n++;
		is_int((long long)n, (long long)shares[i].share,
		    "priority %zu: slots in use", i);
		bwi_program_slot_leave(&r[n].slot);
		ok(n > before, "priority %zu: higher ones find room", i);
	}
	leave_all(r, n);
	ok(take(&r[0], BWI_PRIORITY_REPEATED), "all slots are free again");
	bwi_program_slot_leave(&r[0].slot);
}

/* A free slot goes to the highest priority, then to the longest wait. */
static void
test_order(void)
{
	struct request run[LIMIT] = {0}, message[2] = {0}, call = {0};

	for (size_t i = 0; i < LIMIT; i++)
		ok(take(&run[i], BWI_PRIORITY_DECISION), "slot %zu", i);
	ok(!take(&message[0], BWI_PRIORITY_REPEATED), "a message waits");
	ok(!take(&message[1], BWI_PRIORITY_REPEATED), "another message waits");
	ok(!take(&call, BWI_PRIORITY_CALL), "a call waits");
	bwi_program_slot_leave(&run[0].slot);
	is_int(call.woken, 0, "one slot is free: it is for decisions");
	bwi_program_slot_leave(&run[1].slot);
	is_int(call.woken, 1, "the next one is the call's");
	ok(take(&call, BWI_PRIORITY_CALL), "which has it");
	leave_all(run, LIMIT);
	is_int(message[0].woken, 1, "then the messages'");
	is_int(message[1].woken, 1, "both of them");
	bwi_program_slot_leave(&call.slot);
	bwi_program_slot_leave(&message[0].slot);
	bwi_program_slot_leave(&message[1].slot);
}

/* One that gives up its turn is not woken, and takes no slot. */
static void
test_giving_up(void)
{
	struct request run[LIMIT] = {0}, waits = {0}, next = {0};

	for (size_t i = 0; i < LIMIT; i++)
		ok(take(&run[i], BWI_PRIORITY_DECISION), "slot %zu", i);
	ok(!take(&waits, BWI_PRIORITY_DECISION), "one waits");
	ok(!take(&next, BWI_PRIORITY_DECISION), "another one waits");
	bwi_program_slot_leave(&waits.slot);
	bwi_program_slot_leave(&run[0].slot);
	is_int(waits.woken, 0, "the first has given up");
	is_int(next.woken, 1, "the other one has the slot");
	bwi_program_slot_leave(&next.slot);
	leave_all(run, LIMIT);
}

int
main(void)
{
	bw_programs_limit(LIMIT);
	test_shares();
	test_order();
	test_giving_up();
	return tap_done();
}
