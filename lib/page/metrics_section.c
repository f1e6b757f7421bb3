/* Metrics of requests. */
#include "page/metrics.h"

#include "config/config_internal.h"
#include "flow/answer_time.h"
#include "flow/section_counts.h"

static struct bw_str
text(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

/* Counters that are not 0: few of all combinations ever occur. */
static void
put_requests(struct bwi_exposition *x, struct bw_str path,
    const struct bwi_section_counts *c)
{
	struct bwi_label labels[] = {{"section", path}, {"family", {NULL, 0}},
	    {"code", {NULL, 0}}, {"outcome", {NULL, 0}}};

	for (int i = 0; i < BW_FAMILY__MAX * BWI_STATUS__MAX * BWI_OUTCOME__MAX;
	     i++) {
		int outcome = i % BWI_OUTCOME__MAX,
		    status = i / BWI_OUTCOME__MAX % BWI_STATUS__MAX,
		    family = i / BWI_OUTCOME__MAX / BWI_STATUS__MAX;
		uint64_t n =
		    atomic_load_explicit(&c->requests[family][status][outcome],
			memory_order_relaxed);

		if (n == 0)
			continue;
		labels[1].value = text(bw_family_name((enum bw_family)family));
		labels[2].value = text(bwi_status_name(status));
		labels[3].value =
		    text(bwi_outcome_name((enum bwi_outcome)outcome));
		bwi_exposition_number(x, "", labels, 4, n);
	}
}

static void
put_all_requests(struct bwi_exposition *x, const struct bw_config *config)
{
	bwi_exposition_metric(x, "bwcallback_requests", BWI_METRIC_COUNTER,
	    "Requests answered, without those refused for their credentials.");
	for (size_t i = 0; i < config->nsections; i++)
		put_requests(
		    x, config->sections[i].path, config->sections[i].counts);
	put_requests(x, BW_STR("none"), bwi_section_counts_none());
}

/* Write zeros too: increase() misses the first step of a series that was
 * absent. */
static void
put_fallbacks(struct bwi_exposition *x, const struct bw_config *config)
{
	bwi_exposition_metric(x, "bwcallback_fallbacks", BWI_METRIC_COUNTER,
	    "Requests answered by the fallback.");
	for (size_t i = 0; i < config->nsections; i++) {
		const struct bwi_section *s = &config->sections[i];
		struct bwi_label labels[] = {
		    {"section", s->path}, {"reason", {NULL, 0}}};

		if (!bwi_section_is_bxml(s->kind) &&
		    s->kind != BWI_SECTION_PORTOUT)
			continue;
		for (int r = 0; r < BWI_REASON__MAX; r++) {
			labels[1].value =
			    text(bwi_reason_name((enum bwi_reason)r));
			bwi_exposition_number(x, "", labels, 2,
			    atomic_load_explicit(&s->counts->fallbacks[r],
				memory_order_relaxed));
		}
	}
}

/* Does a section expect the family? */
static bool
is_expected(const struct bw_config *config, enum bw_family family)
{
	for (size_t i = 0; i < config->nsections; i++) {
		if (bwi_section_expects(config->sections[i].kind, family))
			return true;
	}
	return false;
}

/* The buckets; how many requests are in all of them. */
static uint64_t
put_buckets(
    struct bwi_exposition *x, struct bwi_label *labels, enum bw_family family)
{
	uint64_t n = 0;
	struct bw_buf le;

	bw_buf_init(&le, 64);
	for (size_t i = 0; i < BWI_TIMES; i++) {
		int64_t bound;

		n += bwi_answer_time_count(family, i, &bound);
		bw_buf_reset(&le);
		if (bound == INT64_MAX)
			bw_buf_puts(&le, "+Inf");
		else
			bwi_exposition_put_seconds(&le, bound);
		if (le.err != BW_OK)
			x->out->err = le.err;
		labels[1].value = (struct bw_str){le.p, le.n};
		bwi_exposition_number(x, "_bucket", labels, 2, n);
	}
	bw_buf_free(&le);
	return n;
}

static void
put_times(struct bwi_exposition *x, const struct bw_config *config)
{
	bwi_exposition_metric(x, "bwcallback_answer_seconds",
	    BWI_METRIC_HISTOGRAM,
	    "Time from the last byte of a request to its answer.");
	for (int f = 0; f < BW_FAMILY__MAX; f++) {
		enum bw_family family = (enum bw_family)f;
		struct bwi_label labels[] = {
		    {"family", text(bw_family_name(family))},
		    {"le", {NULL, 0}}};
		uint64_t n;

		if (family != BW_FAMILY_OTHER && !is_expected(config, family))
			continue;
		n = put_buckets(x, labels, family);
		bwi_exposition_seconds(
		    x, "_sum", labels, 1, bwi_answer_time_sum(family));
		bwi_exposition_number(x, "_count", labels, 1, n);
	}
}

void
bwi_metrics_sections(struct bwi_exposition *x, const struct bw_config *config)
{
	put_all_requests(x, config);
	put_fallbacks(x, config);
	put_times(x, config);
}
