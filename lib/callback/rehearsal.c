/* Answers requests by a configuration, without a server. */
#include <bwcallback/tools/rehearsal.h>

#include "base/alloc.h"
#include "base/response.h"
#include "callback/callback.h"
#include "config/config_internal.h"

struct bw_rehearsal {
	struct bw_config *config;
	struct bw_callback_context *worker;
	struct bwi_store_handle
	    *handle; /* NULL: the configuration has no store */
};

static enum bw_err
no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "rehearsal: out of memory");
}

enum bw_err
bw_rehearsal_reset(struct bw_rehearsal *r, struct bw_error *e)
{
	struct bwi_store_handle *handle;

	if (r->config->store_handle == NULL)
		return BW_OK;
	handle = bwi_store_handle_alone("mem:");
	if (handle == NULL)
		return no_memory(e);
	bwi_store_handle_unref(r->handle);
	r->handle = handle;
	return BW_OK;
}

enum bw_err
bw_rehearsal_new(
    struct bw_config *config, struct bw_rehearsal **out, struct bw_error *e)
{
	struct bw_rehearsal *r = bwi_calloc(1, sizeof(*r));
	enum bw_err err;

	if (r == NULL)
		return no_memory(e);
	r->config = bw_config_ref(config);
	r->worker = bw_callback_context_new();
	err = r->worker != NULL ? bw_rehearsal_reset(r, e) : no_memory(e);
	if (err != BW_OK) {
		bw_rehearsal_free(r);
		return err;
	}
	*out = r;
	return BW_OK;
}

void
bw_rehearsal_free(struct bw_rehearsal *r)
{
	if (r == NULL)
		return;
	bwi_store_handle_unref(r->handle);
	bw_callback_context_free(r->worker);
	bw_config_unref(r->config);
	bwi_free(r);
}

void
bw_rehearsal_answer(struct bw_rehearsal *r, struct bw_str as,
    const struct bw_request *req, struct bw_response *resp)
{
	bwi_callback_rehearse(r->worker, r->config, r->handle, as, req, resp);
}

struct bw_store *
bw_rehearsal_store(struct bw_rehearsal *r)
{
	struct bw_store *s = NULL;

	if (r->handle == NULL ||
	    bwi_store_handle_store(r->handle, &s, NULL) != BW_OK)
		return NULL;
	return s;
}
