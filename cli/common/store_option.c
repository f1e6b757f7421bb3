#include "cli/common/store_option.h"

#include <bwcallback/config.h>
#include <bwcallback/tools/store.h>

enum bw_err
store_get(
    const char *url, const char *file, struct bw_store **s, struct bw_error *e)
{
	const struct bw_reporter quiet = {.fn = NULL};
	struct bw_config *config = NULL;
	enum bw_err err;

	if (url != NULL)
		return bw_store_open(url, s, e);
	err = bw_config_load(file, &config, &quiet, e);
	if (err != BW_OK)
		return err;
	url = bw_config_store(config);
	if (url == NULL)
		err = bw_error_set(
		    e, BW_ERR_CONFIG, 0, "%s: it has no <store>", file);
	else
		err = bw_store_open(url, s, e);
	bw_config_unref(config);
	return err;
}

int
store_need(const struct command *c, const char *store, const char **config)
{
	if (store == NULL && *config == NULL)
		*config = command_config();
	if (store != NULL || *config != NULL)
		return -1;
	return command_refuse(c,
	    "--store or --config is missing, and so is BWCALLBACK_CONFIG in "
	    "the environment");
}
