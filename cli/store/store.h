#ifndef BWC_STORE_H
#define BWC_STORE_H

#include <bwcallback/store.h>

/* Shared by all of "bwcallback store". */

struct store_options {
	const char *store;
	const char *config;
	bool json;
	bool dry_run;
	bool quick;
	bool set_aside;
	bool close;
	bool cancel;
	int64_t older; /* ms */
	char **argv;   /* arguments that are not options */
};

/* Actions: each is one function in a store_*.c and one row in store.c. */
enum bw_err store_check(const struct store_options *, struct bw_error *);
enum bw_err store_compact(const struct store_options *, struct bw_error *);
enum bw_err store_create(const struct store_options *, struct bw_error *);
enum bw_err store_move(const struct store_options *, struct bw_error *);
enum bw_err store_stats(const struct store_options *, struct bw_error *);
enum bw_err store_verify(const struct store_options *, struct bw_error *);

#endif
