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

/* The text of an element, "" if it has none. */
static struct bw_str
text_of(const struct bwi_node *node)
{
	struct bw_str s = bwi_node_value(node);

	if (!bwi_node_is_scalar(node) || s.p == NULL)
		return (struct bw_str){"", 0};
	return bw_str_trim(s);
}

static void
take_number(struct bwi_portout_request *r, const struct bwi_node *node)
{
	struct bw_str text = text_of(node);

	if (!bwi_phone_number_parse(text, &r->numbers[r->n])) {
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

/* Is it an attribute, or text between elements? */
static bool
is_markup(const struct bwi_node *node)
{
	struct bw_str name = bwi_node_name(node);

	return name.n > 0 && (name.p[0] == '@' || name.p[0] == '#');
}

/*
 * If a field is given twice with different values, refuse: either could be
 * right.
 */
static void
take_field(struct bwi_portout_request *r, const struct bwi_node *node)
{
	struct bw_str name = bwi_node_name(node);

	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		struct bw_str *field = &r->field[elements[i].field];

		if (!bw_str_is(name, elements[i].element))
			continue;
		if (field->p != NULL && !bw_str_eq(*field, text_of(node)))
			r->fault = "A value is given twice";
		*field = text_of(node);
	}
	if (bw_str_is(name, "PON") && r->pon.p == NULL)
		r->pon = bwi_node_value(node);
}

/*
 * Read every number of every list: an unread number would be allowed unchecked.
 */
static void
take_numbers(
    struct bwi_portout_request *r, const struct bw_event *e, uint32_t list)
{
	uint32_t end = node_at(e, list)->end;

	for (uint32_t i = list + 1; i < end; i = node_at(e, i)->end) {
		const struct bwi_node *node = node_at(e, i);

		if (is_number(node))
			take_number(r, node);
		else if (!is_markup(node))
			r->fault = "A telephone number is not valid";
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
	for (uint32_t i = e->node + 1; i < end; i = node_at(e, i)->end) {
		const struct bwi_node *node = node_at(e, i);

		if (bw_str_is(bwi_node_name(node), "TelephoneNumbers"))
			take_numbers(r, e, i);
		else if (is_number(node))
			take_number(r, node);
		else
			take_field(r, node);
	}
	/* Another document might hold numbers in elements that are not read. */
	if (strcmp(e->row->name, "validation") != 0)
		r->fault = "The request is not a port-out validation";
	if (r->fault == NULL && r->n == 0)
		r->fault = "No telephone number is given";
	return BW_OK;
}
