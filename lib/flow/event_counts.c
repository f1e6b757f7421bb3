#include "flow/event_counts.h"

#include <stdatomic.h>
#include <string.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/row.h>
#include <bwcallback/tools/str.h>

#include "flow/active_calls.h"

/* Names of counters; the last one is "other". */
static const char *const causes[] = {
#define CAUSE(name, fault, sip) name,
#include "event/causes.def"
#undef CAUSE
    "other"};

static const char *const codes[] = {
#define MESSAGE(code, name, by, billed) #code,
#define DLR(code, name)			#code,
#include "row/message_codes.def"
#undef MESSAGE
#undef DLR
    "other"};

static const char *const refusals[] = {
#define X(number, reason) #number,
#include "portout/portout.def"
#undef X
    "other"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static _Atomic uint64_t ended[COUNT(causes)], failed[COUNT(codes)],
    refused[COUNT(refusals)], unknown[BW_FAMILY__MAX], portable, undecided;

static void
count(_Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static void
count_named(struct bw_str name, const char *const *names, size_t n,
    _Atomic uint64_t *counters)
{
	size_t i = 0;

	while (i < n - 1 && !bw_str_is(name, names[i]))
		i++;
	count(&counters[i]);
}

static void
count_message(const struct bw_event *e)
{
	struct bw_str code = bw_row_field(e, "errorCode");

	if (code.n > 0)
		count_named(code, codes, COUNT(codes), failed);
}

static void
count_call(const struct bw_event *e, bool ends)
{
	struct bw_str id = bw_row_field(e, "callId");

	if (ends)
		count_named(
		    bw_row_field(e, "cause"), causes, COUNT(causes), ended);
	if (id.n > 0)
		bwi_active_calls_add(id, ends, bw_monotonic_ns() / 1000000);
}

void
bwi_event_counts_add(const struct bw_event *e)
{
	const struct bw_event_type *row = bw_event_row(e), *rows;
	size_t unused;

	rows = bw_event_types(&unused);
	if (row - rows < BW_FAMILY__MAX) {
		count(&unknown[row->family]);
		return;
	}
	switch (row->family) {
	case BW_FAMILY_VOICE:
		count_call(e, strcmp(row->name, "disconnect") == 0);
		break;
	case BW_FAMILY_MESSAGING:
	case BW_FAMILY_MESSAGING_INTL:
	case BW_FAMILY_MFA:
		count_message(e);
		break;
	default:
		break;
	}
}

void
bwi_event_counts_portout(struct bw_str answer, bool fallback)
{
	const struct bw_store_row row = {
	    .event.family = BW_STR("portout"), .answer.body = answer};
	struct bw_row_portout to;

	if (fallback || !bw_row_portout(&row, &to))
		count(&undecided);
	else if (to.portable)
		count(&portable);
	else
		count_named(to.n > 0 ? to.codes[0] : (struct bw_str){"", 0},
		    refusals, COUNT(refusals), refused);
}

static const char *
get(const _Atomic uint64_t *counters, const char *const *names, size_t n,
    size_t i, uint64_t *value)
{
	if (i >= n)
		return NULL;
	*value = atomic_load_explicit(&counters[i], memory_order_relaxed);
	return names[i];
}

const char *
bwi_event_counted(enum bwi_event_count which, size_t i, uint64_t *n)
{
	switch (which) {
	case BWI_EVENT_ENDED:
		return get(ended, causes, COUNT(causes), i, n);
	case BWI_EVENT_FAILED:
		return get(failed, codes, COUNT(codes), i, n);
	case BWI_EVENT_REFUSED:
		return get(refused, refusals, COUNT(refusals), i, n);
	case BWI_EVENT_UNKNOWN:
		break;
	}
	if (i >= BW_FAMILY__MAX)
		return NULL;
	*n = atomic_load_explicit(&unknown[i], memory_order_relaxed);
	return bw_family_name((enum bw_family)i);
}

uint64_t
bwi_event_counts_portable(void)
{
	return atomic_load_explicit(&portable, memory_order_relaxed);
}

uint64_t
bwi_event_counts_undecided(void)
{
	return atomic_load_explicit(&undecided, memory_order_relaxed);
}
