#include "sim/deliver/post.h"

#include "sim/base/json_members.h"
#include "sim/base/memory.h"

static void
post(struct sim_world *w, const struct sim_callback *callback,
    const struct bw_buf *body, const char *type, int64_t after)
{
	struct sim_callback c = *callback;

	if (body->err != BW_OK)
		sim_no_memory();
	c.primary.method = "POST";
	c.type = type;
	c.body = (struct bw_str){body->p, body->n};
	sim_deliver_with_retries(w, &c, after);
}

void
sim_post_json(struct sim_world *w, const struct sim_callback *c,
    json_object *take, bool wrapped, int64_t after)
{
	struct bw_buf body;

	bw_buf_init(&body, SIM_MAX_POST);
	if (wrapped)
		bw_buf_putc(&body, '[');
	sim_json_members(take, &body);
	if (wrapped)
		bw_buf_putc(&body, ']');
	post(w, c, &body, "application/json; charset=utf-8", after);
	bw_buf_free(&body);
	(void)json_object_put(take);
}

void
sim_post_xml(struct sim_world *w, const struct sim_callback *c,
    struct bw_buf *take, int64_t after)
{
	post(w, c, take, "application/xml; charset=utf-8", after);
	bw_buf_free(take);
}
