/* Configurations: any file loads or gives a reason. */
#include <bwcallback/config.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

static void
on_finding(void *arg, const struct bw_finding *f)
{
	int *errors = arg;

	if (f->text == NULL || f->text[0] == '\0' || f->file == NULL ||
	    f->line < 0)
		abort();
	*errors += f->severity == BW_SEVERITY_ERROR;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bw_error error = {0};
	struct bw_config *config = NULL;
	int errors = 0;
	struct bw_reporter to = {on_finding, &errors};
	int fd = memfd_create("callbacks.xml", MFD_CLOEXEC);
	char path[64];
	enum bw_err err;

	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = bw_config_load(path, &config, &to, &error);
	fuzz_check_error(err, &error);
	if ((err == BW_OK) != (errors == 0) ||
	    (err == BW_OK) != (config != NULL))
		abort();
	bw_config_unref(config);
	close(fd);
	return 0;
}
