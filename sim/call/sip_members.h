#ifndef SIM_CALL_SIP_MEMBERS_H
#define SIM_CALL_SIP_MEMBERS_H

#include <json-c/json.h>

#include <bwcallback/error.h>

/*
 * Members of the initiate event that come from the SIP request of an inbound
 * call. Each is a text, as options and scenarios write it; NULL: the usual
 * value.
 */
enum sim_sip_member {
	/*
	 * stirShaken: "none", or words with commas between: "A", "B" or "C" is
	 * the attestationIndicator, "TN-..." the verstat; others as NAME=VALUE.
	 */
	SIM_SIP_STIR_SHAKEN,
	/* diversion: a number is origTo, a word the reason; or NAME=VALUE. */
	SIM_SIP_DIVERSION,
	/* uui: values with ";encoding=base64", "jwt" or "hex", and commas. */
	SIM_SIP_UUI,
	/* sipHeaders: "X-NAME=VALUE", with commas between. */
	SIM_SIP_HEADERS,
	SIM_SIP__MAX
};

/* The name of its option and attribute: "stir-shaken". */
const char *sim_sip_name(enum sim_sip_member);
/* BW_ERR_USAGE: the error says what the text must be. */
enum bw_err
sim_sip_check(enum sim_sip_member, const char *, struct bw_error *) BW_CHECK;
/*
 * Add the members to a payload. texts[SIM_SIP__MAX] are valid or NULL.
 * originating_id: of stirShaken; NULL: the caller is no number, so that there
 * is no stirShaken unless a text sets it.
 */
void sim_sip_add(
    json_object *, const char *const *texts, const char *originating_id);

#endif
