#include "confine.h"

#include <bwcallback/tools/process.h>

#include "log.h"

static enum bw_err
start_helpers(bool *started, struct bw_error *e)
{
	enum bw_err err = *started ? BW_OK : bw_programs_by_helper(e);

	*started = err == BW_OK;
	return err;
}

static enum bw_err
allow_files(const struct options *o, bool *helpers, struct bw_error *e)
{
	enum bw_err err;

	if (o->writable_n == 0)
		return BW_OK;
	err = start_helpers(helpers, e);
	if (err == BW_OK)
		err = confine_files(o->writable, o->writable_n, e);
	if (err == BW_OK)
		log_event(LOG_LEVEL_INFO, "confine",
		    "files can be changed in %zu folder%s only, see "
		    "--writable",
		    o->writable_n, o->writable_n == 1 ? "" : "s");
	return err;
}

static enum bw_err
allow_calls(bool *helpers, struct bw_error *e)
{
	unsigned allowed = 0;
	enum bw_err err = start_helpers(helpers, e);

	if (err == BW_OK)
		err = confine_calls(&allowed, e);
	if (err == BW_OK)
		log_event(LOG_LEVEL_INFO, "confine",
		    "%u system calls are allowed, others fail; helper "
		    "processes start programs",
		    allowed);
	return err;
}

enum bw_err
confine(const struct options *o, struct bw_error *e)
{
	struct bw_error why = {0};
	bool helpers = false;
	enum bw_err err = allow_files(o, &helpers, e);

	if (err != BW_OK)
		return err;
	if (o->confine == OPTIONS_CONFINE_NO) {
		log_event(LOG_LEVEL_INFO, "confine",
		    "all system calls are allowed: --confine no");
		return BW_OK;
	}
	err = allow_calls(&helpers, &why);
	if (err == BW_OK)
		return BW_OK;
	if (helpers && o->writable_n == 0)
		bw_programs_end_helpers();
	if (o->confine == OPTIONS_CONFINE_YES) {
		*e = why;
		return err;
	}
	log_event(
	    err == BW_ERR_UNSUPPORTED ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	    "confine", "all system calls are allowed: %s", why.msg);
	return BW_OK;
}
