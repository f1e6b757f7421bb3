#ifndef BWI_OS_DSO_H
#define BWI_OS_DSO_H

#include <bwcallback/module.h>

/* A loaded shared object with handlers. */
struct bwi_module;

struct bwi_named_module {
	struct bw_str file;
	struct bwi_module *module;
};

/* A handler of a module. */
struct bwi_handler {
	bw_module_handler *call;
	const char *name; /* "ivr.so: on_gather" */
};

/*
 * Load a module; the file name must have a slash. The shared object stays
 * loaded until the process ends, so pointers that it registered elsewhere stay
 * valid, and a changed file takes effect at the next start only. BW_ERR_NOFILE:
 * the file cannot be read, is not a shared object or misses symbols.
 * BW_ERR_CONFIG: it is not a module, or was built for another version.
 * BW_ERR_NOMEM.
 */
enum bw_err bwi_dso_open(
    struct bwi_module **, const char *file, struct bw_error *) BW_CHECK;
void bwi_dso_close(struct bwi_module *);
/* NULL when the module has no such symbol. */
bw_module_handler *bwi_dso_find(struct bwi_module *, const char *name);

#endif
