/* bwcallback store move: move a store to another kind, while it is in use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "cli/common/store_option.h"
#include "cli/store/store.h"

/* Milliseconds between two lines of progress. */
#define EVERY 1000

struct progress {
	enum bw_store_move_step step;
	int64_t next; /* when the next line is due */
	bool shown;
};

/* Print progress to a terminal only, not to a file or a pipe. */
static void
show(void *arg, enum bw_store_move_step step, uint64_t done, uint64_t all)
{
	static const char *const texts[] = {
	    [BW_STORE_MOVE_COPIES] = "copying, up to number",
	    [BW_STORE_MOVE_COMPARES] = "comparing, up to number",
	    [BW_STORE_MOVE_WAITS] = "waiting for consumers, settled",
	    [BW_STORE_MOVE_DRAINS] = "moving the spool",
	};
	struct progress *p = arg;
	int64_t now = bw_monotonic_ms();

	if (step == p->step && now < p->next)
		return;
	p->step = step;
	p->next = now + EVERY;
	if (isatty(STDERR_FILENO) == 0)
		return;
	(void)fprintf(stderr, "\r%s %llu of %llu   ", texts[step],
	    (unsigned long long)done, (unsigned long long)all);
	p->shown = true;
}

static void
put(const char *name, uint64_t n, const char *text)
{
	if (n > 0)
		printf("%-14s %llu %s\n", name, (unsigned long long)n, text);
}

static void
print(const struct bw_store_moved *v)
{
	put("copied", v->copied, "events");
	put("written again", v->amended, "events that changed meanwhile");
	printf(
	    "%-14s %llu events", "the same", (unsigned long long)v->compared);
	if (v->digest[0] != '\0')
		printf(", SHA-256 %s", v->digest);
	printf("\n");
	put("more there", v->extra, "events that were pruned here meanwhile");
	put("consumers", v->consumers, "with their work");
	put("leased", v->leased, "events that may be handled once more");
	put("spool", v->spooled, "events");
	put("late", v->late, "answers");
}

static void
print_next(const struct store_options *o, const struct bw_store_moved *v)
{
	if (v->complete)
		printf("\nThe store to move to is complete and open; the other "
		       "one takes nothing more.\nNow change the url of <store> "
		       "to it, reload bwcallback.fcgi and restart the "
		       "consumers.\nThen start this command once more: it "
		       "moves what came to the spool until then.\n");
	else
		printf("\nNothing is closed yet. When the url of <store> can "
		       "be changed at once:\nbwcallback store move --close "
		       "%s %s\n",
		    o->argv[0], o->argv[1]);
}

static enum bw_err
take_url(void *arg, const struct bw_config_store *which, struct bw_error *e)
{
	char **url = arg;

	free(*url);
	*url = strdup(which->url);
	return *url != NULL
		   ? BW_OK
		   : bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
}

static enum bw_err
get_url(const struct store_options *o, const char *store, char **url,
    struct bw_error *e)
{
	if (!store_is_url(store) && o->config == NULL)
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "%s: not a URL; with --config it is the id of a <store>",
		    store);
	return store_each(store, o->config, take_url, url, e);
}

static unsigned
get_how(const struct store_options *o)
{
	return (o->close ? (unsigned)BW_STORE_MOVE_CLOSE : 0) |
	       (o->cancel ? (unsigned)BW_STORE_MOVE_CANCEL : 0);
}

enum bw_err
store_move(const struct store_options *o, struct bw_error *e)
{
	struct progress p = {.next = 0};
	char *from = NULL, *to = NULL;
	struct bw_store_moved v;
	enum bw_err err = get_url(o, o->argv[0], &from, e);

	if (err == BW_OK)
		err = get_url(o, o->argv[1], &to, e);
	if (err == BW_OK)
		err = bw_store_move(from, to, get_how(o), show, &p, &v, e);
	free(from);
	free(to);
	if (p.shown)
		(void)fprintf(stderr, "\n");
	if (err != BW_OK)
		return err;
	if (o->cancel) {
		printf("The store is open again; the one to move to stays as "
		       "it is.\n");
		return BW_OK;
	}
	print(&v);
	print_next(o, &v);
	return BW_OK;
}
