/* The style sheet and the script, as bytes of the program. */
#include "page/assets.h"

#include "page/asset_sums.h"

static const char icon[] = {
#include "page/icon_svg.h"
};

static const char style[] = {
#include "page/style_css.h"
};

static const char script[] = {
#include "page/page_js.h"
};

static const struct bwi_asset assets[BWI_ASSET__MAX] = {
    [BWI_ASSET_ICON] = {"icon." BWI_ICON_SUM ".svg", "image/svg+xml",
	{icon, sizeof(icon)}},
    [BWI_ASSET_STYLE] = {"style." BWI_STYLE_SUM ".css",
	"text/css; charset=utf-8", {style, sizeof(style)}},
    [BWI_ASSET_SCRIPT] = {"page." BWI_SCRIPT_SUM ".js",
	"text/javascript; charset=utf-8", {script, sizeof(script)}},
};

const struct bwi_asset *
bwi_asset(enum bwi_asset_id id)
{
	return &assets[id];
}

const struct bwi_asset *
bwi_asset_find(struct bw_str name)
{
	for (size_t i = 0; i < BWI_ASSET__MAX; i++) {
		if (bw_str_is(name, assets[i].name))
			return &assets[i];
	}
	return NULL;
}
