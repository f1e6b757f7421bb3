/* Compiling <locations>. */
#include "config/rule_loader.h"
#include "data/locations.h"

/*
 * 404 rejects the call if the account is set so. Any other error routes it to
 * the emergency call centre, as without a callback.
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
		bwi_loader_report_error(l, node, &e);
}
