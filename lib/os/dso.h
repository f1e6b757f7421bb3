#ifndef BWI_OS_DSO_H
#define BWI_OS_DSO_H

#include <bwcallback/module.h>

/* A shared object with handlers, loaded. */
struct bwi_module;

struct bwi_named_module {
	struct bw_str file;
	struct bwi_module *module;
};

/* One of its handlers. */
struct bwi_handler {
	bw_module_handler *call;
	const char *name; /* "ivr.so: on_gather" */
};

/*
 * Load a module; file has a slash in it. It stays in the process for good:
 * whatever it has registered somewhere stays valid, and a file that changed is
 * loaded by the next start only. BW_ERR_NOFILE: it cannot be read, is no shared
 * object or misses symbols. BW_ERR_CONFIG: it is no module, or built for
 * another version. BW_ERR_NOMEM.
 */
enum bw_err bwi_dso_open(
    struct bwi_module **, const char *file, struct bw_error *) BW_CHECK;
void bwi_dso_close(struct bwi_module *);
/* NULL when it has no such symbol. */
bw_module_handler *bwi_dso_find(struct bwi_module *, const char *name);

#endif
