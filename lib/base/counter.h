#ifndef BWI_BASE_COUNTER_H
#define BWI_BASE_COUNTER_H

#include <stdint.h>

enum bwi_metric {
#define METRIC(name, text, label, help) BWI_METRIC_##name,
#define COUNTER(metric, name, value)
#define GAUGE(name)
#include "base/counters.def"
#undef METRIC
#undef COUNTER
#undef GAUGE
	BWI_METRIC__MAX
};

enum bwi_counter {
#define METRIC(name, text, label, help)
#define COUNTER(metric, name, value) BWI_COUNT_##metric##_##name,
#define GAUGE(name)
#include "base/counters.def"
#undef METRIC
#undef COUNTER
#undef GAUGE
	BWI_COUNT__MAX
};

enum bwi_gauge {
#define METRIC(name, text, label, help)
#define COUNTER(metric, name, value)
#define GAUGE(name) BWI_GAUGE_##name,
#include "base/counters.def"
#undef METRIC
#undef COUNTER
#undef GAUGE
	BWI_GAUGE__MAX
};

/* Any thread may call these at any time. They never wait. */
void bwi_count(enum bwi_counter, uint64_t n);
uint64_t bwi_counted(enum bwi_counter);
void bwi_gauge_set(enum bwi_gauge, int64_t value);
int64_t bwi_gauge(enum bwi_gauge);

#endif
