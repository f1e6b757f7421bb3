/* Readers of live pages that have the same filter. */
#include "page/live_channel.h"

#include "base/alloc.h"

/* Is the parameter a part of the filter? */
static bool
selects(const struct bwi_params *p, size_t i)
{
	struct bw_str name = bwi_params_name(p, i);

	return bwi_params_value(p, i).n > 0 && !bw_str_is(name, "after") &&
	       !bw_str_is(name, "now") && !bw_str_is(name, "before");
}

/* The next part of the filter from i on, or p->n. */
static size_t
next_part(const struct bwi_params *p, size_t i)
{
	while (i < p->n && !selects(p, i))
		i++;
	return i;
}

bool
bwi_live_channel_is(
    const struct bwi_live_channel *c, const struct bwi_params *p)
{
	const struct bwi_params *own = &c->params;
	size_t i = next_part(own, 0), k = next_part(p, 0);

	while (i < own->n && k < p->n &&
	       bw_str_eq(bwi_params_name(own, i), bwi_params_name(p, k)) &&
	       bw_str_eq(bwi_params_value(own, i), bwi_params_value(p, k))) {
		i = next_part(own, i + 1);
		k = next_part(p, k + 1);
	}
	return i == own->n && k == p->n;
}

struct bwi_live_channel *
bwi_live_channel_new(struct bwi_params *p, struct bwi_event_filter *f)
{
	struct bwi_live_channel *c = bwi_calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->params = *p;
	c->filter = *f;
	c->all = next_part(p, 0) == p->n;
	*p = (struct bwi_params){.n = 0};
	*f = (struct bwi_event_filter){.before = 0};
	return c;
}

void
bwi_live_channel_free(struct bwi_live_channel *c)
{
	bwi_live_rows_free(&c->rows);
	bwi_event_filter_free(&c->filter);
	bwi_params_free(&c->params);
	bwi_free(c);
}
