#include "portout/request.h"

#include <bwcallback/tools/str.h>

#include "base/phone_number.h"
#include "event/event.h"

static const struct {
	enum bwi_subscriber_field field;
	const char *element;
} elements[] = {
    {BWI_SUBSCRIBER_ACCOUNT, "AccountNumber"},
    {BWI_SUBSCRIBER_PIN, "Pin"},
    {BWI_SUBSCRIBER_ZIP, "ZipCode"},
    {BWI_SUBSCRIBER_NAME, "SubscriberName"},
};

static const struct bwi_node *
node_at(const struct bw_event *e, uint32_t i)
{
	return &e->tree->nodes[i];
}

/*
 * Is it in a documented form: ten digits or E.164? Other forms are ambiguous:
 * they may be several numbers.
 */
static bool
is_plain_number(struct bw_str s)
{
	bool plus = s.n > 0 && s.p[0] == '+';

	for (size_t i = plus ? 1 : 0; i < s.n; i++) {
		if (!bw_is_digit(s.p[i]))
			return false;
	}
	return s.n > 0;
}

static void
take_number(struct bwi_portout_request *r, struct bw_str text)
{
	if (!is_plain_number(text) ||
	    !bwi_phone_number_parse(text, &r->numbers[r->n])) {
		r->fault = "A telephone number is not valid";
		return;
	}
	if (r->n == 0)
		r->e164 = text.p[0] == '+';
	r->n++;
}

static bool
is_number(const struct bwi_node *node)
{
	return bw_str_is(bwi_node_name(node), "TelephoneNumber");
}

static bool
is_attribute(const struct bwi_node *node)
{
	struct bw_str name = bwi_node_name(node);

	return name.n > 0 && name.p[0] == '@';
}

/* Refuse an attribute with digits: it may be a number or a range. */
static void
check_attribute(struct bwi_portout_request *r, const struct bwi_node *node)
{
	struct bw_str value = bwi_node_value(node);

	for (size_t i = 0; i < value.n; i++) {
		if (bw_is_digit(value.p[i]))
			r->fault = "An attribute of the request is not known";
	}
}

/* Attributes of the root: only namespaces and the version may have digits. */
static void
check_root_attribute(struct bwi_portout_request *r, const struct bwi_node *node)
{
	struct bw_str name = bwi_node_name(node);

	if (!bw_str_is(name, "@version") &&
	    !bw_str_begins(name, BW_STR("@xmlns")) &&
	    !bw_str_begins(name, BW_STR("@xsi:")))
		check_attribute(r, node);
}

/* Refuse text between elements: it may be a number. */
static void
check_no_text(struct bwi_portout_request *r, const struct bwi_node *node)
{
	if (bw_str_trim(bwi_node_value(node)).n > 0)
		r->fault = "The request has text between its elements";
}

/* The value of an element that may have no child elements. */
static struct bw_str
value_of(struct bwi_portout_request *r, const struct bw_event *e, uint32_t i)
{
	const struct bwi_node *node = node_at(e, i);

	for (uint32_t k = i + 1; k < node->end; k = node_at(e, k)->end) {
		if (is_attribute(node_at(e, k)))
			check_attribute(r, node_at(e, k));
		else
			r->fault = "An element of the request is not known";
	}
	return bwi_node_value(node).p != NULL
		   ? bw_str_trim(bwi_node_value(node))
		   : (struct bw_str){"", 0};
}

/*
 * If a value is given twice with different content, refuse: either could be
 * right.
 */
static void
set_value(struct bwi_portout_request *r, struct bw_str *to, struct bw_str value)
{
	if (to->p != NULL && !bw_str_eq(*to, value))
		r->fault = "A value is given twice";
	else
		*to = value;
}

/* Any other element. Refuse unknown ones: they may contain numbers. */
static void
take_value(struct bwi_portout_request *r, const struct bw_event *e, uint32_t i)
{
	struct bw_str name = bwi_node_name(node_at(e, i));

	if (bw_str_is(name, "PON")) {
		set_value(r, &r->pon, value_of(r, e, i));
		return;
	}
	for (size_t k = 0; k < sizeof(elements) / sizeof(elements[0]); k++) {
		if (bw_str_is(name, elements[k].element)) {
			set_value(
			    r, &r->field[elements[k].field], value_of(r, e, i));
			return;
		}
	}
	r->fault = "An element of the request is not known";
}

/* Read every number: an unread number would be allowed unchecked. */
static void
take_numbers(
    struct bwi_portout_request *r, const struct bw_event *e, uint32_t list)
{
	uint32_t end = node_at(e, list)->end;

	check_no_text(r, node_at(e, list));
	for (uint32_t i = list + 1; i < end; i = node_at(e, i)->end) {
		const struct bwi_node *node = node_at(e, i);

		if (is_attribute(node)) {
			check_attribute(r, node);
		} else if (is_number(node)) {
			take_number(r, value_of(r, e, i));
		} else {
			r->fault = "An element of the request is not known";
		}
	}
}

static void
take_child(struct bwi_portout_request *r, const struct bw_event *e, uint32_t i)
{
	const struct bwi_node *node = node_at(e, i);

	if (is_attribute(node)) {
		check_root_attribute(r, node);
	} else if (bw_str_is(bwi_node_name(node), "TelephoneNumbers")) {
		take_numbers(r, e, i);
	} else if (is_number(node)) {
		take_number(r, value_of(r, e, i));
	} else {
		take_value(r, e, i);
	}
}

enum bw_err
bwi_portout_request_read(struct bwi_portout_request *r,
    const struct bw_event *e, struct bwi_arena *arena, struct bw_error *error)
{
	uint32_t end = node_at(e, e->node)->end;

	*r = (struct bwi_portout_request){0};
	/* There are at most as many numbers as nodes. */
	r->numbers =
	    bwi_arena_alloc(arena, (end - e->node) * sizeof(*r->numbers));
	if (r->numbers == NULL) {
		return bw_error_set(
		    error, BW_ERR_NOMEM, 0, "port-out: out of memory");
	}
	check_no_text(r, node_at(e, e->node));
	for (uint32_t i = e->node + 1; i < end; i = node_at(e, i)->end)
		take_child(r, e, i);
	/* Another document might hold numbers in elements that are not read. */
	if (strcmp(e->row->name, "validation") != 0)
		r->fault = "The request is not a port-out validation";
	if (r->fault == NULL && r->n == 0)
		r->fault = "No telephone number is given";
	return BW_OK;
}
