/* Metrics of the process. */
#include "page/metrics.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/histogram.h"
#include "base/server_load.h"
#include "os/program_slots.h"

#define MS INT64_C(1000000)

static const struct {
	const char *name;
	const char *label;
	const char *help;
} metrics[] = {
#define METRIC(name, text, label, help) {text, label, help},
#define COUNTER(metric, name, value)
#define GAUGE(name)
#include "base/counters.def"
#undef METRIC
#undef COUNTER
#undef GAUGE
};

static const struct {
	enum bwi_metric metric;
	struct bw_str value;
} counters[] = {
#define METRIC(name, text, label, help)
#define COUNTER(metric, name, value) \
	{BWI_METRIC_##metric, {value, sizeof(value) - 1}},
#define GAUGE(name)
#include "base/counters.def"
#undef METRIC
#undef COUNTER
#undef GAUGE
};

static void
put_counters(struct bwi_exposition *x)
{
	size_t c = 0;

	for (size_t m = 0; m < BWI_METRIC__MAX; m++) {
		bwi_exposition_metric(
		    x, metrics[m].name, BWI_METRIC_COUNTER, metrics[m].help);
		for (; c < BWI_COUNT__MAX && counters[c].metric == m; c++) {
			struct bwi_label label = {
			    metrics[m].label, counters[c].value};

			bwi_exposition_number(x, "", &label, label.value.n > 0,
			    bwi_counted((enum bwi_counter)c));
		}
	}
}

static void
put_gauge(struct bwi_exposition *x, const char *name, const char *help,
    uint64_t value)
{
	bwi_exposition_metric(x, name, BWI_METRIC_GAUGE, help);
	bwi_exposition_number(x, "", NULL, 0, value);
}

static void
put_time(struct bwi_exposition *x, const char *name, const char *help,
    enum bwi_gauge gauge)
{
	int64_t ms = bwi_gauge(gauge);

	if (ms == 0)
		return;
	bwi_exposition_metric(x, name, BWI_METRIC_GAUGE, help);
	bwi_exposition_seconds(x, "", NULL, 0, ms * MS);
}

/* Only where a server reports what it loads. */
static void
put_config(struct bwi_exposition *x)
{
	if (bwi_gauge(BWI_GAUGE_CONFIG_LOADED) == 0)
		return;
	put_gauge(x, "bwcallback_config_last_reload_successful",
	    "0 if the changed configuration was refused and the old one "
	    "serves.",
	    bwi_gauge(BWI_GAUGE_RELOAD_REFUSED) == 0);
	put_time(x, "bwcallback_config_loaded_timestamp_seconds",
	    "When the configuration in force was loaded.",
	    BWI_GAUGE_CONFIG_LOADED);
}

static void
put_cpu(struct bwi_exposition *x)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) != 0)
		return;
	bwi_exposition_metric(x, "process_cpu_seconds", BWI_METRIC_COUNTER,
	    "User and system time, without that of programs.");
	bwi_exposition_seconds(x, "", NULL, 0,
	    (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 * MS +
		(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000);
}

static void
put_memory(struct bwi_exposition *x)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long long pages;

	if (f == NULL)
		return;
	if (fscanf(f, "%*u %llu", &pages) == 1)
		put_gauge(x, "process_resident_memory_bytes",
		    "Resident memory.",
		    pages * (unsigned long long)sysconf(_SC_PAGESIZE));
	(void)fclose(f);
}

/* Append value / scale. */
static void
put_scaled(struct bw_buf *b, int64_t value, int64_t scale)
{
	if (scale == 1)
		bw_buf_int(b, value);
	else
		bwi_exposition_put_seconds(b, value);
}

static void
put_histogram(struct bwi_exposition *x, enum bwi_histogram h)
{
	const struct bwi_histogram_kind *kind = bwi_histogram_kind(h);
	uint64_t all = 0, n;
	struct bw_buf le;
	int64_t bound;

	bwi_exposition_metric(x, kind->name, BWI_METRIC_HISTOGRAM, kind->help);
	bw_buf_init(&le, 64);
	for (size_t i = 0; n = bwi_observed(h, i, &bound), bound != 0; i++) {
		struct bwi_label label = {"le", {NULL, 0}};

		all += n;
		bw_buf_reset(&le);
		if (bound == INT64_MAX)
			bw_buf_puts(&le, "+Inf");
		else
			put_scaled(&le, bound, kind->scale);
		label.value = (struct bw_str){le.p, le.n};
		bwi_exposition_number(x, "_bucket", &label, 1, all);
	}
	if (le.err != BW_OK)
		x->out->err = le.err;
	bw_buf_free(&le);
	if (kind->scale == 1)
		bwi_exposition_number(
		    x, "_sum", NULL, 0, (uint64_t)bwi_observed_sum(h));
	else
		bwi_exposition_seconds(x, "_sum", NULL, 0, bwi_observed_sum(h));
	bwi_exposition_number(x, "_count", NULL, 0, all);
}

static void
put_connections(struct bwi_exposition *x, const char *state, unsigned n)
{
	const struct bwi_label label = {"state", {state, strlen(state)}};

	bwi_exposition_number(x, "", &label, 1, n);
}

/* Only where a server answers. */
static void
put_load(struct bwi_exposition *x)
{
	struct bw_operation_load l;

	if (!bwi_server_load(&l))
		return;
	put_gauge(x, "bwcallback_workers", "Threads that answer.", l.workers);
	put_gauge(x, "bwcallback_workers_busy",
	    "Of these, those that are at work now, with this request.",
	    l.workers_busy);
	bwi_exposition_metric(x, "bwcallback_connections", BWI_METRIC_GAUGE,
	    "Connections of the web server.");
	put_connections(x, "active", l.connections - l.connections_idle);
	put_connections(x, "idle", l.connections_idle);
}

void
bwi_metrics_process(struct bwi_exposition *x, unsigned parked)
{
	put_counters(x);
	for (int h = 0; h < BWI_HISTOGRAM__MAX; h++)
		put_histogram(x, (enum bwi_histogram)h);
	put_gauge(x, "bwcallback_parked_requests",
	    "Requests that wait for the store, a program or a password.",
	    parked);
	put_gauge(x, "bwcallback_programs_running",
	    "Programs of <exec> that run.", bwi_program_slots_taken());
	put_load(x);
	put_config(x);
	put_time(x, "process_start_time_seconds", "When the process started.",
	    BWI_GAUGE_STARTED);
	put_cpu(x);
	put_memory(x);
	bwi_metrics_descriptors(x);
}
