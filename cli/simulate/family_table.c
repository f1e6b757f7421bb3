/* bwcallback simulate: what can be played beside calls, one row for each. */
#include <stddef.h>
#include <string.h>

#include "cli/simulate/family_run.h"

#define AT(member) offsetof(struct family_settings, member)
#define TEXT(option, member) \
	{ \
		"--" option, FAMILY_TEXT, AT(member) \
	}
#define FLAG(option, member) \
	{ \
		"--" option, FAMILY_FLAG, AT(member) \
	}
#define COUNT(option, member) \
	{ \
		"--" option, FAMILY_COUNT, AT(member) \
	}
#define LIST(option, member) \
	{ \
		"--" option, FAMILY_LIST, AT(member) \
	}
#define END \
	{ \
		NULL, FAMILY_TEXT, 0 \
	}

static const struct family_option message_options[] = {
    TEXT("from", from),
    LIST("to", to),
    TEXT("text", text),
    LIST("media", media),
    COUNT("ours", ours),
    TEXT("suggestion", suggestion),
    TEXT("latitude", latitude),
    TEXT("longitude", longitude),
    TEXT("priority", priority),
    TEXT("channel", channel),
    TEXT("carrier", carrier),
    FLAG("out", out),
    TEXT("tag", tag),
    COUNT("error", error),
    TEXT("reason", reason),
    TEXT("failing", failing),
    FLAG("receipts", receipts),
    FLAG("sent", sent),
    FLAG("read", read),
    END,
};

static bool
enter_message(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_message m = {
	    .target = s->target,
	    .from = s->from,
	    .to = s->to.v,
	    .nto = s->to.n,
	    .text = s->text,
	    .media = s->media.v,
	    .nmedia = s->media.n,
	    .priority = s->priority,
	    .channel = s->channel,
	    .carrier = s->carrier,
	    .tag = s->tag,
	    .ours = (size_t)s->ours,
	    .suggestion = s->suggestion,
	    .latitude = s->latitude,
	    .longitude = s->longitude,
	    .failing = s->failing,
	    .error = s->error,
	    .reason = s->reason,
	    .receipts = s->receipts,
	    .sent = s->sent,
	    .read = s->read,
	};

	(void)e;
	if (s->out)
		sim_message_out(w, &m, 0);
	else
		sim_message_in(w, &m, 0);
	return true;
}

static const struct family_option code_options[] = {
    LIST("to", to),
    COUNT("error", error),
    TEXT("reason", reason),
    END,
};

static bool
enter_code(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_code c = {
	    .target = s->target,
	    .to = s->to.v[0],
	    .error = s->error,
	    .reason = s->reason,
	};

	(void)e;
	sim_message_code(w, &c, 0);
	return true;
}

static const struct family_option report_options[] = {
    TEXT("event", event),
    COUNT("error", error),
    TEXT("reason", reason),
    COUNT("parts", parts),
    COUNT("mask", mask),
    END,
};

static bool
enter_report(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_report r = {
	    .target = s->target,
	    .event = s->event,
	    .error = s->error,
	    .reason = s->reason,
	    .parts = s->parts < 255 ? s->parts : 255,
	    .mask = (unsigned)s->mask,
	};

	(void)e;
	sim_message_report(w, &r, 0);
	return true;
}

static const struct family_option order_options[] = {
    TEXT("type", type),
    LIST("status", status),
    LIST("number", number),
    TEXT("customer", customer),
    TEXT("message", message),
    TEXT("note", remark),
    FLAG("lost", lost),
    END,
};

/* A type that is not known may have any status. */
static bool
check_statuses(const struct family_settings *s, struct bw_error *e)
{
	const char *type = s->type != NULL ? s->type : "orders";
	const char *const *known = sim_order_statuses(type);

	for (size_t i = 0; known != NULL && i < s->status.n; i++) {
		size_t k = 0;

		while (
		    known[k] != NULL && strcmp(known[k], s->status.v[i]) != 0)
			k++;
		if (known[k] != NULL)
			continue;
		(void)bw_error_set(e, BW_ERR_USAGE, 0,
		    "--status %.40s: %.40s has no such status", s->status.v[i],
		    type);
		return false;
	}
	return true;
}

static bool
enter_order(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_order o = {
	    .target = s->target,
	    .type = s->type,
	    .statuses = s->status.n > 0 ? s->status.v : NULL,
	    .customer = s->customer,
	    .message = s->message,
	    .remark = s->remark,
	    .numbers = s->number.v,
	    .n = s->number.n,
	};
	const struct sim_loss lost = {
	    .target = s->target, .numbers = s->number.v, .n = s->number.n};

	if (!check_statuses(s, e))
		return false;
	if (s->lost)
		sim_order_lost(w, &lost, 0);
	else
		sim_order(w, &o, 0);
	return true;
}

static const struct family_option portout_options[] = {
    TEXT("pon", pon),
    TEXT("pin", pin),
    TEXT("account", account),
    TEXT("zip", zip),
    TEXT("name", name),
    LIST("number", number),
    END,
};

static bool
enter_portout(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_portout p = {
	    .target = s->target,
	    .pon = s->pon,
	    .pin = s->pin,
	    .account = s->account,
	    .zip = s->zip,
	    .name = s->name,
	    .numbers = s->number.v,
	    .n = s->number.n,
	};

	(void)e;
	sim_portout(w, &p, 0);
	return true;
}

static const struct family_option tollfree_options[] = {
    LIST("number", number),
    LIST("state", state),
    TEXT("reason", reason),
    TEXT("key-file", key_file),
    END,
};

static bool
enter_tollfree(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_tollfree t = {
	    .target = s->target,
	    .number = s->number.v[0],
	    .states = s->state.n > 0 ? s->state.v : NULL,
	    .key = s->key,
	    .reason = s->reason,
	};

	for (size_t i = 0; i < s->state.n; i++) {
		if (sim_tollfree_is_state(s->state.v[i]))
			continue;
		(void)bw_error_set(e, BW_ERR_USAGE, 0,
		    "--state %.40s: none of pending, verified, unverified, "
		    "denied, blocked and failed",
		    s->state.v[i]);
		return false;
	}
	sim_tollfree(w, &t, 0);
	return true;
}

static const struct family_option emergency_options[] = {
    TEXT("from", from),
    LIST("to", to),
    END,
};

static bool
enter_emergency(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_emergency c = {
	    .target = s->target, .to = s->to.v[0], .from = s->from};

	(void)e;
	sim_emergency(w, &c, 0);
	return true;
}

static const struct family_option endpoint_options[] = {
    TEXT("tags", tags),
    LIST("to", to),
    TEXT("to-type", to_type),
    TEXT("fallback-url", fallback_url),
    FLAG("api", api),
    END,
};

static bool
enter_endpoint(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_endpoint p = {
	    .target = s->target,
	    .fallback = s->fallback,
	    .tags = s->tags,
	    .to = s->to.v[0],
	    .to_type = s->to_type,
	    .api = s->api,
	};

	(void)e;
	sim_endpoint(w, &p, 0);
	return true;
}

static const struct family families[] = {
    {"message", "messaging", message_options, enter_message},
    {"report", "messaging", report_options, enter_report},
    {"code", "mfa", code_options, enter_code},
    {"order", "numbers", order_options, enter_order},
    {"portout", "portout", portout_options, enter_portout},
    {"tollfree", "tollfree", tollfree_options, enter_tollfree},
    {"emergency", "emergency", emergency_options, enter_emergency},
    {"endpoint", "brtc", endpoint_options, enter_endpoint},
};

const struct family *
family_find(const char *name)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (strcmp(families[i].name, name) == 0)
			return &families[i];
	}
	return NULL;
}
