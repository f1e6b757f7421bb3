/*
 * A handler in C: a caller enters an order number and hears the status of the
 * order. README.md in this folder explains how to build and install it.
 *
 * bwcallback decodes the event before it calls the handler, and checks the BXML
 * that the handler writes: if Bandwidth would reject it, the section's
 * <fallback> is sent instead. So this file contains only the call logic.
 */
#include <string.h>

#include <bwcallback/build.h>
#include <bwcallback/module.h>

/*
 * The version this was built against. A responder that cannot run it reports an
 * error.
 */
BW_MODULE;

/*
 * Declared with the type of a handler, so that the compiler checks them.
 * callbacks.xml uses these names; everything else here is static.
 */
bw_module_handler on_order;

/*
 * Replace this with a real lookup: in memory, or in a cache that answers in
 * milliseconds. Several callers are served at once, each in its own thread, so
 * shared data is constant here; lock yours if it changes.
 */
static const struct {
	const char *number;
	const char *status;
} orders[] = {
    {"1001", "is packed and leaves today"},
    {"1002", "is on its way, and will be with you tomorrow"},
    {"1003", "waits for your payment"},
};

static const char *
find_status(struct bw_str number)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (bw_str_is(number, orders[i].number))
			return orders[i].status;
	}
	return NULL;
}

/*
 * Ask for the number, once more or for the last time. The tag comes back with
 * the next event of this call, so it counts the attempts and the handler needs
 * no state of its own.
 */
static void
ask_again(struct bw_bxml *b, struct bw_str tag)
{
	bw_bxml_begin_gather(
	    b, &(struct bw_bxml_gather){.gatherUrl = BW_STR("/voice/orders"),
		   .maxDigits = 4,
		   .tag = tag});
	bw_bxml_speak_sentence(
	    b, BW_STR("Please type the four digits of your order."), NULL);
	bw_bxml_end(b);
}

static void
say_status(struct bw_bxml *b, struct bw_str number, const char *status)
{
	bw_bxml_begin_speak_sentence(b, NULL);
	bw_bxml_text(b, BW_STR("Your order "));
	/*
	 * Input from the telephone: the writer escapes it, so it can only be
	 * text.
	 */
	bw_bxml_say_as(b, number,
	    &(struct bw_bxml_say_as){
		.interpret_as = BW_BXML_INTERPRET_AS_CHARACTERS});
	bw_bxml_text(b, BW_STR(" "));
	bw_bxml_text(b, (struct bw_str){status, strlen(status)});
	bw_bxml_text(b, BW_STR("."));
	bw_bxml_end(b);
	bw_bxml_hangup(b);
}

static void
give_up(struct bw_bxml *b)
{
	bw_bxml_speak_sentence(b,
	    BW_STR("We do not find that order. Somebody will help you."), NULL);
	bw_bxml_redirect(
	    b, &(struct bw_bxml_redirect){.redirectUrl = BW_STR("/voice")});
}

/*
 * <on event="gather"><module file="ivr.so" handler="on_order"/></on>
 *
 * This handler does not block, so it always meets the deadline. A handler that
 * queries another machine must not wait past r->deadline, and must return an
 * error if there is no answer:
 *
 *	return bw_error_set(e, BW_ERR_DEADLINE, 0, "stock: no answer");
 *
 * The caller then hears the <fallback>, and the error text is logged.
 */
enum bw_err
on_order(
    const struct bw_module_request *r, struct bw_buf *out, struct bw_error *e)
{
	struct bw_str digits = {NULL, 0}, tag = {NULL, 0};
	const char *status;
	struct bw_bxml b;

	/* Absent if it is not a gather event: an error in callbacks.xml. */
	if (bw_event_get(r->event, BW_STR("digits"), &digits) ==
	    BW_KIND_ABSENT) {
		return bw_error_set(
		    e, BW_ERR_USAGE, 0, "on_order is for gather events");
	}
	(void)bw_event_get(r->event, BW_STR("tag"), &tag);
	status = find_status(digits);

	/* Writers keep the first error: check once, at the end. */
	bw_bxml_begin(&b, out, bw_event_name(r->event));
	if (status != NULL)
		say_status(&b, digits, status);
	else if (bw_str_is(tag, "third"))
		give_up(&b);
	else
		ask_again(&b, bw_str_is(tag, "second") ? BW_STR("third")
						       : BW_STR("second"));
	return bw_bxml_finish(&b, e);
}
