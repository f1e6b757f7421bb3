#include "portout_request.h"

#include "event.h"
#include "phone.h"

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

/* The text of an element, or an empty one when it has none. */
static struct bw_str
text_of(const struct bwi_node *node)
{
	struct bw_str s = bwi_node_value(node);

	if (!bwi_node_is_scalar(node) || s.p == NULL)
		return (struct bw_str){"", 0};
	return bwi_subscriber_trim(s);
}

/* One of two contradicting values could be the right one. */
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

static void
take_number(struct bwi_portout_request *r, const struct bwi_node *node)
{
	struct bw_str text = text_of(node);

	if (!bwi_phone_parse(text, &r->numbers[r->n])) {
		r->fault = "A telephone number is not valid";
		return;
	}
	if (r->n == 0)
		r->e164 = text.p[0] == '+';
	r->n++;
}

/* Every list of numbers there is: one that is not looked at would pass. */
static void
take_numbers(
    struct bwi_portout_request *r, const struct bw_event *e, uint32_t list)
{
	uint32_t end = node_at(e, list)->end;

	for (uint32_t i = list + 1; i < end; i = node_at(e, i)->end) {
		if (bw_str_is(bwi_node_name(node_at(e, i)), "TelephoneNumber"))
			take_number(r, node_at(e, i));
	}
}

enum bw_err
bwi_portout_request_read(struct bwi_portout_request *r,
    const struct bw_event *e, struct bwi_arena *arena, struct bw_error *error)
{
	uint32_t end = node_at(e, e->node)->end;

	*r = (struct bwi_portout_request){0};
	/* Room for as many numbers as there are nodes. */
	r->numbers =
	    bwi_arena_alloc(arena, (end - e->node) * sizeof(*r->numbers));
	if (r->numbers == NULL) {
		return bw_error_set(
		    error, BW_ERR_NOMEM, 0, "port-out: out of memory");
	}
	for (uint32_t i = e->node + 1; i < end; i = node_at(e, i)->end) {
		if (bw_str_is(bwi_node_name(node_at(e, i)), "TelephoneNumbers"))
			take_numbers(r, e, i);
		else
			take_field(r, node_at(e, i));
	}
	if (r->fault == NULL && r->n == 0)
		r->fault = "No telephone number is given";
	return BW_OK;
}
