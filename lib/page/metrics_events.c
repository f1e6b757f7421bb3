/* Metrics of what events say. */
#include "page/metrics.h"

#include <bwcallback/tools/clock.h>

#include "config/config_internal.h"
#include "flow/active_calls.h"
#include "flow/event_counts.h"

static struct bw_str
text(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

static bool
has(const struct bw_config *c, enum bwi_section_kind kind)
{
	for (size_t i = 0; i < c->nsections; i++) {
		if (c->sections[i].kind == kind)
			return true;
	}
	return false;
}

/* zeros: write counters that are 0, too. For short tables. */
static void
put_counters(struct bwi_exposition *x, enum bwi_event_count which,
    const char *label, bool zeros)
{
	const char *value;
	uint64_t n;

	for (size_t i = 0; (value = bwi_event_counted(which, i, &n)) != NULL;
	     i++) {
		const struct bwi_label l = {label, text(value)};

		if (n > 0 || zeros)
			bwi_exposition_number(x, "", &l, 1, n);
	}
}

static void
put_portout(
    struct bwi_exposition *x, const char *answer, const char *code, uint64_t n)
{
	const struct bwi_label labels[] = {
	    {"verdict", text(answer)}, {"code", text(code)}};

	bwi_exposition_number(x, "", labels, 2, n);
}

static void
put_portouts(struct bwi_exposition *x)
{
	const char *code;
	uint64_t n;

	bwi_exposition_metric(x, "bwcallback_portouts", BWI_METRIC_COUNTER,
	    "Port-outs answered, without repeated deliveries.");
	put_portout(x, "portable", "none", bwi_event_counts_portable());
	for (size_t i = 0;
	     (code = bwi_event_counted(BWI_EVENT_REFUSED, i, &n)) != NULL; i++)
		put_portout(x, "denied", code, n);
	put_portout(x, "error", "none", bwi_event_counts_undecided());
}

void
bwi_metrics_events(struct bwi_exposition *x, const struct bw_config *c)
{
	if (has(c, BWI_SECTION_VOICE)) {
		bwi_exposition_metric(x, "bwcallback_calls_ended",
		    BWI_METRIC_COUNTER, "Calls that ended, by cause.");
		put_counters(x, BWI_EVENT_ENDED, "cause", true);
		bwi_exposition_metric(x, "bwcallback_calls_active",
		    BWI_METRIC_GAUGE,
		    "Calls with an event in the last ten minutes and no end.");
		bwi_exposition_number(x, "", NULL, 0,
		    bwi_active_calls(bw_monotonic_ns() / 1000000));
	}
	if (has(c, BWI_SECTION_MESSAGING)) {
		bwi_exposition_metric(x, "bwcallback_message_failures",
		    BWI_METRIC_COUNTER, "Messages that were not delivered.");
		put_counters(x, BWI_EVENT_FAILED, "code", false);
	}
	if (has(c, BWI_SECTION_PORTOUT))
		put_portouts(x);
	bwi_exposition_metric(x, "bwcallback_unknown_types", BWI_METRIC_COUNTER,
	    "Events of a type that this version does not know.");
	put_counters(x, BWI_EVENT_UNKNOWN, "family", true);
}
