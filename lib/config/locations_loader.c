/* Compiling <locations>. */
#include "config/rule_loader.h"
#include "data/locations.h"

/*
 * A 404 rejects the call, where the account is set so; any other error sends
 * it to the emergency call centre, which is what happens without us.
 */
void
bwi_loader_locations(
    struct bwi_loader *l, struct bwi_section_loading *s, const xmlNode *node)
{
	struct bw_str unknown = bwi_loader_attr(l, node, "unknown");
	struct bw_error e = {0};
	const char *path =
	    bwi_loader_secret(l, node, bwi_loader_attr(l, node, "file"));

	s->section->unknown = bw_str_is(unknown, "reject") ? 404 : 503;
	if (path == NULL)
		return;
	if (bwi_locations_open(&s->section->locations, path, &e) != BW_OK)
		bwi_loader_take(l, node, &e);
}
