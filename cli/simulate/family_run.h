#ifndef BWC_SIMULATE_FAMILY_RUN_H
#define BWC_SIMULATE_FAMILY_RUN_H

#include "sim/family/emergency.h"
#include "sim/family/endpoint.h"
#include "sim/family/message.h"
#include "sim/family/order.h"
#include "sim/family/portout.h"
#include "sim/family/tollfree.h"

#include "cli/simulate/simulate.h"

/* Most values of an option that may come again. */
#define FAMILY_MAX 64

enum family_kind {
	FAMILY_TEXT,
	FAMILY_FLAG,
	FAMILY_COUNT, /* from 1, an int */
	FAMILY_LIST   /* may come again; the count beside it */
};

/* Of a list: the values, with a NULL behind them, and how many there are. */
struct family_list {
	const char *v[FAMILY_MAX + 1];
	size_t n;
};

/* What the options of all families say. */
struct family_settings {
	const struct simulate_options *common;
	struct sim_target target;
	struct sim_target fallback;
	struct family_list to, media, status, number, state;
	const char *from, *text, *priority, *channel, *carrier, *tag;
	const char *suggestion, *latitude, *longitude, *failing, *reason;
	const char *event, *type, *customer, *message, *remark;
	const char *pon, *pin, *account, *zip, *name;
	const char *key_file, *key, *tags, *to_type, *fallback_url;
	int ours, error, parts, mask;
	bool out, receipts, sent, read, lost, api;
	struct bw_buf secret; /* what key points into */
};

struct family_option {
	const char *name;
	enum family_kind kind;
	size_t at; /* in the settings */
};

/* One kind of simulation that is no call. */
struct family {
	const char *name;    /* "message" */
	const char *section; /* the element whose path is the standard one */
	const struct family_option *options; /* a name of NULL ends them */
	/* Check what was said, and enter it; false: usage. */
	bool (*enter)(struct sim_world *, const struct family_settings *,
	    struct bw_error *);
};

/* By name; NULL: there is none. */
const struct family *family_find(const char *name);

#endif
