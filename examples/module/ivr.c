/*
 * A handler in C: a caller types the number of an order and hears how it
 * stands. README.md beside this file says how to build it and where it goes.
 *
 * bwcallback has decoded the event before we are called, and checks what we
 * write before it leaves: what Bandwidth would reject is replaced by the
 * section's <fallback>. So this file is only about the call.
 */
#include <string.h>

#include <bwcallback/build.h>
#include <bwcallback/module.h>

/* What this was built against. A responder that cannot run it says so. */
BW_MODULE;

/*
 * Declared as what they must be, so that the compiler compares. Their names
 * are what callbacks.xml calls them by; everything else here is static.
 */
bw_module_handler on_order;

/*
 * What a real one would look up: in memory, or in a cache that answers in
 * milliseconds. Several callers are served at once, each in a thread of its
 * own, so what is shared is constant here; if yours changes, lock it.
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
 * the next event of this call: that is how we know how often we have asked,
 * without remembering anything ourselves.
 */
static void
ask_again(struct bw_bxml *b, struct bw_str tag)
{
	bw_bxml_begin_gather(
	    b, &(struct bw_bxml_gather){
		   .gatherUrl = BW_STR("/orders"), .maxDigits = 4, .tag = tag});
	bw_bxml_speak_sentence(
	    b, BW_STR("Please type the four digits of your order."), NULL);
	bw_bxml_end(b);
}

static void
say_status(struct bw_bxml *b, struct bw_str number, const char *status)
{
	bw_bxml_begin_speak_sentence(b, NULL);
	bw_bxml_text(b, BW_STR("Your order "));
	/* From the telephone: it can become text, and nothing but text. */
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
 * Nothing here waits, so the deadline takes care of itself. If yours asks
 * another machine, give that no more than what is left until r->deadline, and
 * return an error when it did not answer:
 *
 *	return bw_error_set(e, BW_ERR_DEADLINE, 0, "stock: no answer");
 *
 * The caller then hears the <fallback>, the log your words.
 */
enum bw_err
on_order(
    const struct bw_module_request *r, struct bw_buf *out, struct bw_error *e)
{
	struct bw_str digits = {NULL, 0}, tag = {NULL, 0};
	const char *status;
	struct bw_bxml b;

	/* Absent when it is not a gather event: a mistake in callbacks.xml. */
	if (bw_event_get(r->event, BW_STR("digits"), &digits) ==
	    BW_KIND_ABSENT) {
		return bw_error_set(
		    e, BW_ERR_USAGE, 0, "on_order is for gather events");
	}
	(void)bw_event_get(r->event, BW_STR("tag"), &tag);
	status = find_status(digits);

	/* What is wrong with an answer is said once, at its end. */
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
