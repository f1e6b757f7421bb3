/* bwcallback store verify: is the store sound? */
#include <stdio.h>

#include <bwcallback/tools/store.h>

#include "cli/common/store_option.h"
#include "cli/store/store.h"

static void
print_finding(void *arg, const struct bw_finding *f)
{
	struct bw_buf b;

	(void)arg;
	bw_buf_init(&b, 16384);
	bw_finding_write(f, &b);
	bw_buf_putc(&b, '\n');
	if (b.err == BW_OK)
		fwrite(b.p, 1, b.n, stdout);
	bw_buf_free(&b);
}

static unsigned
get_how(const struct store_options *o)
{
	return (o->quick ? (unsigned)BW_STORE_VERIFY_QUICK : 0) |
	       (o->set_aside ? (unsigned)BW_STORE_VERIFY_SET_ASIDE : 0);
}

enum bw_err
store_verify(const struct store_options *o, struct bw_error *e)
{
	const struct bw_reporter r = {print_finding, NULL};
	struct bw_store_soundness v;
	struct bw_store *s = NULL;
	enum bw_err err = store_get(o->store, o->config, &s, e);

	if (err == BW_OK)
		err = bw_store_verify(s, get_how(o), &r, &v, e);
	bw_store_free(s);
	if (err != BW_OK)
		return err;
	printf("%llu files, %llu events, %llu consumers: ",
	    (unsigned long long)v.segments, (unsigned long long)v.events,
	    (unsigned long long)v.consumers);
	if (v.errors + v.warnings == 0)
		puts("nothing is wrong");
	else
		printf("%llu errors, %llu warnings\n",
		    (unsigned long long)v.errors,
		    (unsigned long long)v.warnings);
	return v.errors == 0 ? BW_OK
			     : bw_error_set(e, BW_ERR_CORRUPT, 0,
				   "store verify: the store is damaged");
}
