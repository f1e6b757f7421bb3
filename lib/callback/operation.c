#include <bwcallback/tools/operation.h>

#include <bwcallback/tools/clock.h>

#include "base/counter.h"
#include "base/server_load.h"

void
bw_operation_set_load(
    void (*load)(void *arg, struct bw_operation_load *), void *arg)
{
	bwi_server_load_set(load, arg);
}

void
bw_operation_started(void)
{
	int64_t now = bw_realtime_ms();

	bwi_gauge_set(BWI_GAUGE_STARTED, now);
	bwi_gauge_set(BWI_GAUGE_CONFIG_LOADED, now);
}

void
bw_operation_single(void)
{
	bwi_gauge_set(BWI_GAUGE_SINGLE, 1);
}

void
bw_operation_reloaded(bool taken)
{
	bwi_count(taken ? BWI_COUNT_CONFIG_RELOADS_TAKEN
			: BWI_COUNT_CONFIG_RELOADS_REFUSED,
	    1);
	bwi_gauge_set(BWI_GAUGE_RELOAD_REFUSED, !taken);
	if (taken)
		bwi_gauge_set(BWI_GAUGE_CONFIG_LOADED, bw_realtime_ms());
}
