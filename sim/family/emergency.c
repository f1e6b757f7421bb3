/* The Emergency Calling API: requests the location of a caller. */
#include "sim/family/emergency.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "sim/base/memory.h"
#include "sim/deliver/callback_target.h"

struct emergency {
	struct sim_world *world;
	struct sim_targets targets;
	char *about;
	struct bw_buf query;
};

static void
free_emergency(void *arg)
{
	struct emergency *e = arg;

	sim_targets_free(&e->targets);
	free(e->about);
	bw_buf_free(&e->query);
	free(e);
}

/* Why the location in the answer is invalid; NULL: it is valid. */
static const char *
check_location(json_object *o)
{
	json_object *aeui, *id, *lat, *lon, *radius;
	bool has_id = json_object_object_get_ex(o, "location_id", &id);
	bool has_lat = json_object_object_get_ex(o, "lat", &lat);
	bool has_lon = json_object_object_get_ex(o, "lon", &lon);

	if (!json_object_object_get_ex(o, "aeui", &aeui) ||
	    !json_object_is_type(aeui, json_type_string))
		return "aeui is missing or not a string";
	if (has_id && !json_object_is_type(id, json_type_string))
		return "location_id is not a string";
	if (has_lat != has_lon)
		return "lat and lon go together";
	if (!has_id && !has_lat)
		return "neither location_id nor lat and lon";
	if (has_lat && (json_object_get_double(lat) < -90 ||
			   json_object_get_double(lat) > 90 ||
			   json_object_get_double(lon) < -180 ||
			   json_object_get_double(lon) > 180))
		return "lat or lon is out of range";
	if (json_object_object_get_ex(o, "radius", &radius) &&
	    (!has_id || !has_lat))
		return "radius goes with location_id, lat and lon";
	return NULL;
}

static const char *
check_body(const struct bw_buf *body)
{
	struct json_tokener *t = json_tokener_new();
	const char *wrong = "the answer is not a JSON object";
	json_object *o;

	if (t == NULL)
		sim_no_memory();
	o = json_tokener_parse_ex(t, body->n > 0 ? body->p : "", (int)body->n);
	if (json_tokener_get_error(t) == json_tokener_success &&
	    json_object_is_type(o, json_type_object))
		wrong = check_location(o);
	(void)json_object_put(o);
	json_tokener_free(t);
	return wrong;
}

static void
log_route(struct emergency *e, const char *name, const char *text)
{
	struct sim_log_entry entry = {
	    .kind = SIM_LOG_STATE,
	    .call = e->about,
	    .name = name,
	    .text = text,
	};

	sim_world_log(e->world, &entry);
}

static void
relay(struct emergency *e, const char *why)
{
	sim_world_report(e->world, e->about, "calling-api",
	    e->targets.primary.url, BW_SEVERITY_ERROR,
	    "%s: the call goes to Bandwidth's Emergency Call Center", why);
	log_route(e, "relayed",
	    "the call goes to an operator, who must ask for the address");
}

static void
run(void *arg)
{
	struct emergency *e = arg;
	struct sim_callback c = {
	    .event = "calling-api",
	    .about = e->about,
	    .family = BW_FAMILY_EMERGENCY,
	    .sync = true,
	    .once = true,
	    .query = {e->query.p, e->query.n},
	};
	struct sim_answer a;
	const char *wrong;

	c.primary = sim_target_find(&e->targets.primary);
	c.primary.method = "GET";
	sim_answer_init(&a);
	sim_deliver(e->world, &c, &a);
	if (a.status == 404) {
		log_route(e, "rejected",
		    "the call is rejected, where that is enabled");
	} else if (!a.delivered) {
		relay(e, a.why);
	} else if (a.status >= 300) {
		log_route(e, "routed", "the call goes where the answer says");
	} else {
		wrong = check_body(&a.body);
		if (wrong != NULL)
			relay(e, wrong);
		else
			log_route(e, "routed",
			    "the call goes where the location says");
	}
	sim_answer_free(&a);
}

static void
put_number(struct bw_buf *b, const char *name, const char *number)
{
	bw_buf_printf(b, "%s%s=", b->n > 0 ? "&" : "", name);
	bw_buf_url(b, (struct bw_str){number, strlen(number)});
}

void
sim_emergency(struct sim_world *w, const struct sim_emergency *o, int64_t after)
{
	struct emergency *e = sim_alloc(sizeof(*e));

	e->world = w;
	sim_targets_set(&e->targets, &o->target, NULL);
	e->about = sim_world_id(w, "c");
	bw_buf_init(&e->query, 1024);
	put_number(&e->query, "to", o->to != NULL ? o->to : "933");
	put_number(
	    &e->query, "from", o->from != NULL ? o->from : "+19195550101");
	if (e->query.err != BW_OK)
		sim_no_memory();
	sim_world_own(w, free_emergency, e);
	(void)sim_scheduler_add(w->scheduler, sim_world_now(w) + after, run, e);
}
