#ifndef BWI_PAGE_ASSETS_H
#define BWI_PAGE_ASSETS_H

#include <bwcallback/str.h>

/* A file that pages refer to. Its name has the checksum of its content. */
struct bwi_asset {
	const char *name; /* "style.123.css" */
	const char *type;
	struct bw_str content;
};

enum bwi_asset_id {
	BWI_ASSET_ICON,
	BWI_ASSET_STYLE,
	BWI_ASSET_SCRIPT,
	BWI_ASSET__MAX
};

const struct bwi_asset *bwi_asset(enum bwi_asset_id);
/* NULL: there is no such file. */
const struct bwi_asset *bwi_asset_find(struct bw_str name);

#endif
