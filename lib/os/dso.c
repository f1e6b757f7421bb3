#include "os/dso.h"

#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "os/file.h"

/* The oldest module ABI that still works. */
#define OLDEST_ABI 1

struct bwi_module {
	void *handle;
};

static enum bw_err
check_abi(const struct bwi_module *m, const char *file, struct bw_error *e)
{
	const uint32_t *abi = dlsym(m->handle, "bw_module_abi");

	if (abi == NULL) {
		return bw_error_set(e, BW_ERR_CONFIG, 0,
		    "%s: not a module: no symbol bw_module_abi: write "
		    "\"BW_MODULE;\" (<bwcallback/module.h>) into one of its "
		    "files",
		    file);
	}
	if (*abi < OLDEST_ABI || *abi > BW_MODULE_ABI) {
		return bw_error_set(e, BW_ERR_CONFIG, 0,
		    "%s: built for module interface %lu, this program has "
		    "%d: rebuild it with these headers",
		    file, (unsigned long)*abi, BW_MODULE_ABI);
	}
	return BW_OK;
}

/*
 * dlerror() text begins with the file name: cut it off, as our messages name
 * the file themselves.
 */
static enum bw_err
fail_open(const char *file, struct bw_error *e)
{
	const char *why = dlerror();
	size_t n = strlen(file);

	if (why == NULL)
		why = "cannot be loaded";
	else if (strncmp(why, file, n) == 0 && why[n] == ':')
		why += n + 1 + strspn(why + n + 1, " ");
	return bw_error_set(e, BW_ERR_NOFILE, 0, "%s: %s", file, why);
}

enum bw_err
bwi_dso_open(struct bwi_module **out, const char *file, struct bw_error *e)
{
	struct bwi_module *m = bwi_calloc(1, sizeof(*m));
	enum bw_err err;

	if (m == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	if (access(file, R_OK) != 0) {
		int sys = errno;

		bwi_free(m);
		return bw_error_set(
		    e, BW_ERR_NOFILE, sys, "%s: %s", file, strerror(sys));
	}
	if (bwi_file_is_irregular(file)) { /* dlopen would block on a FIFO */
		bwi_free(m);
		return bw_error_set(
		    e, BW_ERR_NOFILE, 0, "%s: not a regular file", file);
	}
	m->handle = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	err = m->handle == NULL ? fail_open(file, e) : check_abi(m, file, e);
	if (err != BW_OK) {
		bwi_dso_close(m);
		return err;
	}
	*out = m;
	return BW_OK;
}

void
bwi_dso_close(struct bwi_module *m)
{
	if (m == NULL)
		return;
	if (m->handle != NULL)
		(void)dlclose(m->handle);
	bwi_free(m);
}

bw_module_handler *
bwi_dso_find(struct bwi_module *m, const char *name)
{
	void *symbol = dlsym(m->handle, name);
	bw_module_handler *handler = NULL;

	/* POSIX guarantees this conversion; C has no cast for it. */
	memcpy(&handler, &symbol, sizeof(handler));
	return handler;
}
