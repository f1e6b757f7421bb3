#ifndef BWC_SIMULATE_FAMILY_RUN_H
#define BWC_SIMULATE_FAMILY_RUN_H

#include "sim/family/emergency.h"
#include "sim/family/endpoint.h"
#include "sim/family/message.h"
#include "sim/family/order.h"
#include "sim/family/portout.h"
#include "sim/family/tollfree.h"

#include "cli/simulate/simulate.h"

/* The values of the options of all families. */
struct family_settings {
	const struct simulate_options *common;
	struct sim_target target;
	struct sim_target fallback;
	struct option_list to, media, status, number, state;
	const char *from, *text, *priority, *channel, *carrier, *tag;
	const char *suggestion, *postback, *latitude, *longitude, *failing,
	    *reason;
	const char *event, *type, *customer, *message, *remark;
	const char *pon, *pin, *account, *zip, *name;
	const char *key_file, *key, *tags, *to_type, *fallback_url;
	int64_t ours, error, parts, mask;
	bool out, receipts, sent, read, lost, api;
	struct bw_buf secret; /* key points into it */
};

/* A simulation other than a call. */
struct family {
	const char *name;    /* "message" */
	const char *section; /* the element whose path is the default */
	/* Check the options, and enter the simulation; false: usage error. */
	bool (*enter)(struct sim_world *, const struct family_settings *,
	    struct bw_error *);
};

/* Find by name; NULL: there is none. */
const struct family *family_find(const char *name);

/* Options of each family; they set struct family_settings. */
extern const struct option_row family_message_options[];
extern const struct option_row family_report_options[];
extern const struct option_row family_code_options[];
extern const struct option_row family_order_options[];
extern const struct option_row family_portout_options[];
extern const struct option_row family_tollfree_options[];
extern const struct option_row family_emergency_options[];
extern const struct option_row family_endpoint_options[];

#endif
