#include "page/metrics.h"

#include <bwcallback/version.h>

#include "base/counter.h"
#include "config/config_internal.h"

const char *
bwi_metrics_type(bool openmetrics)
{
	return openmetrics ? "application/openmetrics-text; version=1.0.0; "
			     "charset=utf-8"
			   : "text/plain; version=0.0.4; charset=utf-8";
}

static void
put_build(struct bwi_exposition *x)
{
	const char *version = bw_version();
	const struct bwi_label label = {"version", {version, strlen(version)}};

	bwi_exposition_metric(x, "bwcallback_build_info", BWI_METRIC_GAUGE,
	    "The version that runs; always 1.");
	bwi_exposition_number(x, "", &label, 1, 1);
}

void
bwi_metrics_write(
    const struct bwi_page_request *r, bool openmetrics, struct bw_buf *out)
{
	struct bwi_exposition x = {.out = out, .openmetrics = openmetrics};

	put_build(&x);
	if (bwi_gauge(BWI_GAUGE_SINGLE) == 0) {
		bwi_metrics_sections(&x, r->config);
		bwi_metrics_events(&x, r->config);
		bwi_metrics_process(&x, r->parked);
	}
	if (r->config->nstores > 0)
		bwi_metrics_stores(&x, r->config);
	bwi_metrics_credentials(&x, r->config);
	bwi_exposition_end(&x);
}
