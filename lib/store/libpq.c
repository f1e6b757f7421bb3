/*
 * libpq, loaded when it is needed. Its functions are defined here under their
 * own names, visible in this library only, and call those that were loaded.
 */
#include "store/libpq.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include <libpq-fe.h>

static struct {
#define X(result, name, parameters, arguments) result(*name) parameters;
#define V(name, parameters, arguments)	       void(*name) parameters;
#include "store/libpq.def"
#undef X
#undef V
} loaded;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool is_loaded;

#define X(result, name, parameters, arguments) \
	result name parameters \
	{ \
		return loaded.name arguments; \
	}
#define V(name, parameters, arguments) \
	void name parameters \
	{ \
		loaded.name arguments; \
	}
#include "store/libpq.def"
#undef X
#undef V

/* Stores the address of a function; false: the library has none. */
static bool
find(void *library, const char *name, void *to)
{
	void *symbol = dlsym(library, name);

	/* POSIX guarantees this conversion; C has no cast for it. */
	memcpy(to, &symbol, sizeof(symbol));
	return symbol != NULL;
}

/* The name of a function that the library lacks; NULL: it has all. */
static const char *
find_all(void *library)
{
#define X(result, name, parameters, arguments) V(name, parameters, arguments)
#define V(name, parameters, arguments) \
	if (!find(library, #name, &loaded.name)) \
		return #name;
#include "store/libpq.def"
#undef X
#undef V
	return NULL;
}

/* The mutex is held. */
static enum bw_err
load(const char *file, struct bw_error *e)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	const char *missing;

	if (library == NULL) {
		return bw_error_set(e, BW_ERR_CONFIG, 0,
		    "store: PostgreSQL needs libpq, which cannot be loaded: "
		    "%s; install it (Debian: libpq5)",
		    dlerror());
	}
	missing = find_all(library);
	if (missing != NULL) {
		(void)dlclose(library);
		return bw_error_set(e, BW_ERR_CONFIG, 0,
		    "store: %s has no function %s; install libpq 14 or newer",
		    file, missing);
	}
	is_loaded = true;
	return BW_OK;
}

enum bw_err
bwi_libpq_load(const char *file, struct bw_error *e)
{
	enum bw_err err;

	(void)pthread_mutex_lock(&mutex);
	err = is_loaded ? BW_OK : load(file, e);
	(void)pthread_mutex_unlock(&mutex);
	return err;
}
