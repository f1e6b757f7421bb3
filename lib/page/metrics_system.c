/* Metrics that the system is asked for. */
#include "page/metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "config/config_internal.h"

/* Password files that are shown; further ones are left out. */
#define MAX_CREDENTIALS 64

#define SECOND INT64_C(1000000000)

/* How many descriptors are open, without the one used here; -1: unknown. */
static int64_t
count_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int64_t n = -3; /* ".", ".." and that of the folder */

	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

void
bwi_metrics_descriptors(struct bwi_exposition *x)
{
	int64_t n = count_descriptors();
	struct rlimit limit;

	if (n >= 0) {
		bwi_exposition_metric(x, "process_open_fds", BWI_METRIC_GAUGE,
		    "Descriptors that are open.");
		bwi_exposition_number(x, "", NULL, 0, (uint64_t)n);
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return;
	bwi_exposition_metric(x, "process_max_fds", BWI_METRIC_GAUGE,
	    "Descriptors that may be open.");
	bwi_exposition_number(x, "", NULL, 0, limit.rlim_cur);
}

void
bwi_metrics_credentials(struct bwi_exposition *x, const struct bw_config *c)
{
	bool any = false;

	for (size_t i = 0; i < c->ncredentials && i < MAX_CREDENTIALS; i++) {
		const struct bwi_label label = {
		    "credentials", c->credentials[i].id};
		struct stat st;

		if (c->credentials[i].file == NULL ||
		    stat(c->credentials[i].file, &st) != 0)
			continue;
		if (!any)
			bwi_exposition_metric(x,
			    "bwcallback_password_file_changed_timestamp_"
			    "seconds",
			    BWI_METRIC_GAUGE,
			    "When the password file was last changed.");
		any = true;
		bwi_exposition_seconds(x, "", &label, 1,
		    (int64_t)st.st_mtim.tv_sec * SECOND + st.st_mtim.tv_nsec);
	}
}
