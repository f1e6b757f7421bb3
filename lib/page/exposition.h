#ifndef BWI_PAGE_EXPOSITION_H
#define BWI_PAGE_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/buf.h>

/*
 * Writes metrics as text: Prometheus text format 0.0.4, or OpenMetrics 1.0.
 * They differ in the name of a counter in its description, and in their end.
 */
struct bwi_exposition {
	struct bw_buf *out;
	bool openmetrics;
	const char *name; /* of the current metric */
	bool counter;
};

enum bwi_metric_type {
	BWI_METRIC_COUNTER,
	BWI_METRIC_GAUGE,
	BWI_METRIC_HISTOGRAM
};

struct bwi_label {
	const char *name;
	struct bw_str value; /* any text: it is escaped */
};

/* Begin a metric. The name of a counter is without "_total". */
void bwi_exposition_metric(struct bwi_exposition *, const char *name,
    enum bwi_metric_type, const char *help);
/* A value of it. A histogram has the suffixes "_bucket", "_count", "_sum". */
void bwi_exposition_number(struct bwi_exposition *, const char *suffix,
    const struct bwi_label *, size_t n, uint64_t value);
/* The same, of nanoseconds, in seconds. */
void bwi_exposition_seconds(struct bwi_exposition *, const char *suffix,
    const struct bwi_label *, size_t n, int64_t ns);
void bwi_exposition_end(struct bwi_exposition *);

/* Nanoseconds as seconds: "0.25", "1.0". */
void bwi_exposition_put_seconds(struct bw_buf *, int64_t ns);

#endif
