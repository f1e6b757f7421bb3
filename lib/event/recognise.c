/*
 * Determines which callback an event is. Bandwidth has no common envelope: each
 * family names its types in its own member, or not at all, and some names are
 * used by several families. The order of the tests distinguishes them; the
 * family in the configuration (the hint) is used last.
 */
#include <bwcallback/tools/str.h>

#include "event/event.h"
#include "event/field.h"

static void
set_row(struct bw_event *e, const struct bw_event_type *row)
{
	e->row = row;
	e->name = (struct bw_str){row->name, strlen(row->name)};
}

/* Set the family's type of that name, also when it is not in the table. */
static void
set_named(struct bw_event *e, enum bw_family family, struct bw_str name)
{
	const struct bw_event_type *row = bwi_event_type_find(family, name);

	set_row(e, row != NULL ? row : bwi_event_type_other(family));
	if (row == NULL)
		e->name = name;
}

static bool
has_member(const struct bw_event *e, struct bw_str name)
{
	uint32_t i = bwi_tree_child(e->tree, e->node, name);

	return i != 0 && e->tree->nodes[i].kind != BW_KIND_NULL;
}

/* Text of a member, never empty; p is NULL when there is none. */
static struct bw_str
member_text(const struct bw_event *e, struct bw_str name)
{
	uint32_t i = bwi_tree_child(e->tree, e->node, name);
	const struct bwi_node *node = &e->tree->nodes[i];

	if (i == 0 || node->value_len == 0 ||
	    (node->kind != BW_KIND_STRING && node->kind != BW_KIND_NUMBER))
		return (struct bw_str){NULL, 0};
	return bwi_node_value(node);
}

/* Does the payload have a member that only API v1's event of this name has? */
static bool
has_legacy_member(const struct bw_event *e, struct bw_str name)
{
	const struct bw_event_type *old =
	    bwi_event_type_find(BW_FAMILY_LEGACY_V1, name);
	const struct bw_event_type *new =
	    bwi_event_type_find(BW_FAMILY_VOICE, name);
	size_t n;
	const struct bw_field *f = bw_fields(&n);

	for (size_t i = 0; i < n; i++) {
		struct bw_str member = {f[i].name, strlen(f[i].name)};
		size_t k = 0;

		if (!bw_field_is_of(&f[i], old) || !has_member(e, member))
			continue;
		while (k < n && !(bwi_field_matches(&f[k], member) &&
				    bw_field_is_of(&f[k], new)))
			k++;
		if (k == n)
			return true;
	}
	return false;
}

/*
 * Is it an event of API v1? It has no eventTime, and ...Uri members where v2
 * has ...Url. Some events have neither, and v2 shares five names: these are
 * taken for v2, as v1 is retired, unless a member that v2 does not have shows
 * otherwise; in a section for voice always.
 */
static bool
is_legacy(const struct bw_event *e, struct bw_str name, enum bw_family hint)
{
	if (has_member(e, BW_STR("eventTime")))
		return false;
	if (has_member(e, BW_STR("callUri")) ||
	    has_member(e, BW_STR("messageUri")) ||
	    has_member(e, BW_STR("conferenceUri")))
		return true;
	if (has_member(e, BW_STR("accountId")) ||
	    has_member(e, BW_STR("callUrl")))
		return false;
	if (bwi_event_type_find(BW_FAMILY_LEGACY_V1, name) == NULL)
		return false;
	if (bwi_event_type_find(BW_FAMILY_VOICE, name) == NULL)
		return true;
	return hint != BW_FAMILY_VOICE && has_legacy_member(e, name);
}

/*
 * Set the type from families whose type member is undocumented. False when none
 * of them has that type.
 */
static bool
set_undocumented(struct bw_event *e, struct bw_str name)
{
	static const enum bw_family families[] = {
	    BW_FAMILY_NUMBERS_V2,
	    BW_FAMILY_PORTING_GLOBAL,
	    BW_FAMILY_ENDUSER,
	    BW_FAMILY_EMERGENCY,
	};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (bwi_event_type_find(families[i], name) != NULL) {
			set_named(e, families[i], name);
			return true;
		}
	}
	return false;
}

/* Guess the family of an unknown event type. */
static enum bw_family
guess_family(const struct bw_event *e, struct bw_str name, enum bw_family hint)
{
	if (bw_str_begins(name, BW_STR("conference")) ||
	    (has_member(e, BW_STR("conferenceId")) &&
		!has_member(e, BW_STR("callUrl"))))
		return BW_FAMILY_CONFERENCE;
	if (has_member(e, BW_STR("callId")) ||
	    has_member(e, BW_STR("callUrl")) || hint == BW_FAMILY_OTHER)
		return BW_FAMILY_VOICE;
	return hint;
}

static void
by_event_type(struct bw_event *e, struct bw_str name, enum bw_family hint)
{
	if (bw_str_begins(name, BW_STR("DEVICE_")))
		set_named(e, BW_FAMILY_BRTC, BW_STR("endpointEvent"));
	else if (is_legacy(e, name, hint))
		set_named(e, BW_FAMILY_LEGACY_V1, name);
	else if (bwi_event_type_find(BW_FAMILY_VOICE, name) != NULL)
		set_named(e, BW_FAMILY_VOICE, name);
	else if (bwi_event_type_find(BW_FAMILY_CONFERENCE, name) != NULL)
		set_named(e, BW_FAMILY_CONFERENCE, name);
	else if (!set_undocumented(e, name))
		set_named(e, guess_family(e, name, hint), name);
}

static void
by_type(
    struct bw_event *e, struct bw_str name, enum bw_family hint, bool element)
{
	if (!element && has_member(e, BW_STR("platform")))
		set_named(e, BW_FAMILY_MFA, name);
	else if (element || has_member(e, BW_STR("message")) ||
		 bwi_event_type_find(BW_FAMILY_MESSAGING, name) != NULL)
		set_named(e, BW_FAMILY_MESSAGING, name);
	else if (!set_undocumented(e, name))
		set_named(e, hint, name);
}

/*
 * Two BRTC events whose names are uncertain are recognised by members or values
 * that only they have.
 */
static bool
set_connection(struct bw_event *e)
{
	static const char *const states[] = {"INITIATED", "COMPLETED",
	    "TIMED_OUT", "DENIED", "CANCELED", "FAILED"};
	struct bw_str status = member_text(e, BW_STR("status"));

	if (has_member(e, BW_STR("toType"))) {
		set_named(
		    e, BW_FAMILY_BRTC, BW_STR("outboundConnectionRequest"));
		return true;
	}
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (bw_str_is(status, states[i])) {
			set_named(e, BW_FAMILY_BRTC, BW_STR("connectStatus"));
			return true;
		}
	}
	return false;
}

static void
by_event(struct bw_event *e, struct bw_str name, enum bw_family hint)
{
	if (has_member(e, BW_STR("msgId")))
		set_named(e, BW_FAMILY_MESSAGING_INTL, BW_STR("dlr"));
	else if (has_member(e, BW_STR("participantId")) ||
		 bwi_event_type_find(BW_FAMILY_WEBRTC, name) != NULL)
		set_named(e, BW_FAMILY_WEBRTC, name);
	else if (bwi_event_type_find(BW_FAMILY_BRTC, name) != NULL)
		set_named(e, BW_FAMILY_BRTC, name);
	else if (set_undocumented(e, name) || set_connection(e))
		return;
	else if (has_member(e, BW_STR("endpointId")) ||
		 has_member(e, BW_STR("deviceId")) || hint == BW_FAMILY_OTHER)
		set_named(e, BW_FAMILY_BRTC, name);
	else
		set_named(e, hint, name);
}

/* Toll-free verification names no type: its members determine it. */
static const char *
tfv_type(const struct bw_event *e)
{
	if (has_member(e, BW_STR("denialStatusCode")))
		return "denial";
	if (has_member(e, BW_STR("errorCode")) ||
	    has_member(e, BW_STR("isBadRequest")))
		return "failure";
	if (has_member(e, BW_STR("blocked")))
		return "blocked";
	return "verification";
}

/*
 * An emergency call is a query string without a type, with the two numbers of
 * the call. In a section for emergency every query string is one, even if
 * members are missing: another type would be answered with a 2xx, which would
 * pass for a location.
 */
static bool
is_emergency_call(const struct bw_event *e, enum bw_family hint)
{
	if (e->tree->xml || !e->tree->repeats)
		return false;
	return hint == BW_FAMILY_EMERGENCY ||
	       (has_member(e, BW_STR("to")) && has_member(e, BW_STR("from")));
}

static void
by_members(struct bw_event *e, enum bw_family hint, bool element)
{
	if (has_member(e, BW_STR("phoneNumber"))) {
		const char *name = tfv_type(e);

		set_named(
		    e, BW_FAMILY_TFV, (struct bw_str){name, strlen(name)});
	} else if (has_member(e, BW_STR("aeui"))) {
		set_named(
		    e, BW_FAMILY_EMERGENCY, BW_STR("calling-api-response"));
	} else if (is_emergency_call(e, hint)) {
		set_named(e, BW_FAMILY_EMERGENCY, BW_STR("calling-api"));
	} else if (has_member(e, BW_STR("toType")) || hint == BW_FAMILY_BRTC) {
		if (!set_connection(e))
			set_row(e, bwi_event_type_unnamed(hint));
	} else if (element && hint == BW_FAMILY_OTHER) {
		set_row(e, bwi_event_type_other(BW_FAMILY_MESSAGING));
	} else {
		set_row(e, bwi_event_type_unnamed(hint));
	}
}

static void
by_root(struct bw_event *e, enum bw_family hint)
{
	struct bw_str root = bwi_node_name(&e->tree->nodes[e->node]);

	if (bw_str_is(root, "PortOutValidationRequest"))
		set_named(e, BW_FAMILY_PORTOUT, BW_STR("validation"));
	else if (bw_str_is(root, "PortOutValidationResponse"))
		set_named(e, BW_FAMILY_PORTOUT, BW_STR("validation-response"));
	else if (!bw_str_is(root, "Notification"))
		set_named(e, hint, root);
	else if (has_member(e, BW_STR("EventType")))
		set_named(e, BW_FAMILY_NUMBERS, BW_STR("event"));
	else if (has_member(e, BW_STR("OrderType")))
		set_named(e, BW_FAMILY_NUMBERS, BW_STR("order"));
	else
		set_row(e, bwi_event_type_other(BW_FAMILY_NUMBERS));
}

void
bwi_event_recognise(struct bw_event *e, enum bw_family hint, bool element)
{
	struct bw_str name;

	if (e->tree->xml) {
		by_root(e, hint);
		return;
	}
	if ((name = member_text(e, BW_STR("eventType"))).p != NULL)
		by_event_type(e, name, hint);
	else if ((name = member_text(e, BW_STR("type"))).p != NULL)
		by_type(e, name, hint, element);
	else if ((name = member_text(e, BW_STR("event"))).p != NULL)
		by_event(e, name, hint);
	else
		by_members(e, hint, element);
}
