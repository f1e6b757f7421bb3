#include "portout/judge.h"

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/str.h>

#include "base/phone_number.h"
#include "event/event.h"
#include "portout/history_load.h"
#include "portout/response_xml.h"

/* Most different errors in one verdict; there are 14 in all. */
#define MAX_ERRORS 24

/*
 * A lookup that takes longer counts as failed, so that the on-error verdict is
 * sent in time. At most half of it is spent reading the store.
 */
#define LOOKUP_TIME  INT64_C(500000000)
#define HISTORY_TIME (LOOKUP_TIME / 2)

#define CODE_NUMBERS 7517

/* The compared fields, in the order of their codes. */
static const struct {
	enum bwi_subscriber_field field;
	int missing;
	int wrong;
} rules[] = {
    {BWI_SUBSCRIBER_ACCOUNT, 7510, 7511},
    {BWI_SUBSCRIBER_PIN, 7512, 7513},
    {BWI_SUBSCRIBER_ZIP, 7514, 7515},
    {BWI_SUBSCRIBER_NAME, 7519, 7519},
};

struct fault {
	int code;
	const char *text;
};

/* The state of judging one request. */
struct judging {
	const struct bwi_portout *portout;
	const struct bwi_portout_listener *listener;
	struct bwi_portout_request request;
	struct bwi_subscriber *rows; /* one for each number */
	bool *found;		     /* a row exists for the number */
	bool *good;  /* the number alone is no reason to refuse */
	bool closed; /* no other reason is given: locked, or over the limit */
	struct fault faults[MAX_ERRORS];
	size_t nfaults;
};

static void
report_reason(
    const struct judging *j, uint64_t number, int code, const char *text)
{
	if (j->listener != NULL)
		j->listener->fn(j->listener->arg, number, code, text);
}

/* Add an error once, ordered by code. */
static void
add_fault(struct judging *j, int code, const char *text)
{
	size_t i;

	for (i = 0; i < j->nfaults; i++) {
		if (j->faults[i].code == code &&
		    strcmp(j->faults[i].text, text) == 0)
			return;
	}
	if (j->nfaults == MAX_ERRORS)
		return;
	for (i = j->nfaults++; i > 0 && j->faults[i - 1].code > code; i--)
		j->faults[i] = j->faults[i - 1];
	j->faults[i] = (struct fault){code, text};
}

static void
refuse(struct judging *j, uint64_t number, int code, const char *text)
{
	add_fault(j, code, text);
	report_reason(j, number, code, text);
}

/* Apply the rules that need only the number and its row. */
static void
judge_number(struct judging *j, size_t i,
    const struct bwi_history_id *history_id, int64_t now)
{
	const struct bwi_portout *p = j->portout;
	uint64_t number = j->request.numbers[i];
	const struct bwi_subscriber *row = &j->rows[i];

	j->good[i] = false;
	if (!j->found[i]) {
		refuse(j, number, 7516, bwi_portout_verdict_reason(7516));
		return;
	}
	j->good[i] = true;
	if (!bwi_subscriber_active(row)) {
		refuse(j, number, 7518, bwi_portout_verdict_reason(7518));
		j->good[i] = false;
	}
	if (bwi_subscriber_locked(row)) {
		refuse(j, number, BWI_PORTOUT_ERROR,
		    "Telephone number is locked against porting");
		j->good[i] = false;
		j->closed = true;
	}
	if (p->velocity > 0 && history_id != NULL &&
	    bwi_history_count(p->history, history_id, number, now) >=
		p->velocity) {
		refuse(j, number, BWI_PORTOUT_ERROR,
		    "Too many requests for this telephone number, try again "
		    "later");
		j->closed = true;
	}
}

static enum bw_err
look_up(struct judging *j, struct bwi_subscriber_lookup *lookup,
    const struct bwi_history_id *history_id, struct bw_error *e)
{
	int64_t now = bw_monotonic_ns();

	for (size_t i = 0; i < j->request.n; i++) {
		enum bw_err err = bwi_subscriber_lookup_find(lookup,
		    j->request.numbers[i], &j->found[i], &j->rows[i], e);

		if (err != BW_OK)
			return err;
		judge_number(j, i, history_id, now);
	}
	return BW_OK;
}

static void
judge_field(struct judging *j, size_t rule)
{
	enum bwi_subscriber_field field = rules[rule].field;
	struct bw_str given = j->request.field[field];
	int wrong = rules[rule].wrong;

	if (!bwi_subscriber_has_value(field, given)) {
		refuse(j, BWI_PORTOUT_WHOLE, rules[rule].missing,
		    bwi_portout_verdict_reason(rules[rule].missing));
		return;
	}
	for (size_t i = 0; i < j->request.n; i++) {
		struct bw_str own = j->rows[i].field[field];

		if (!j->found[i] || bwi_subscriber_equal(field, given, own))
			continue;
		refuse(j, j->request.numbers[i], wrong,
		    bwi_portout_verdict_reason(wrong));
		if (!bwi_subscriber_has_value(field, own))
			report_reason(j, j->request.numbers[i], 0,
			    "the subscriber data have no value to compare");
	}
}

static enum bw_err
judge_numbers(struct judging *j, struct bwi_subscriber_lookup *lookup,
    const struct bwi_history_id *history_id, struct bw_error *e)
{
	size_t n = j->request.n;
	enum bw_err err;

	j->rows = bwi_arena_alloc(lookup->arena, n * sizeof(*j->rows));
	j->found = bwi_arena_alloc(lookup->arena, n * sizeof(*j->found));
	j->good = bwi_arena_alloc(lookup->arena, n * sizeof(*j->good));
	if (j->rows == NULL || j->found == NULL || j->good == NULL) {
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "port-out: out of memory");
	}
	err = look_up(j, lookup, history_id, e);
	if (err != BW_OK)
		return err;
	/*
	 * If a number is locked or over the limit, do not reveal whether the
	 * PIN was right.
	 */
	for (size_t i = 0; !j->closed && i < sizeof(rules) / sizeof(rules[0]);
	     i++) {
		if ((j->portout->require >> rules[i].field & 1) != 0)
			judge_field(j, i);
	}
	return BW_OK;
}

/* The value that all numbers share; p NULL: there is none. */
static struct bw_str
common(const struct judging *j, enum bwi_subscriber_field field)
{
	struct bw_str value = {NULL, 0};

	for (size_t i = 0; i < j->request.n; i++) {
		struct bw_str own = bw_str_trim(j->rows[i].field[field]);

		if (!j->good[i])
			continue;
		if (own.n == 0 || (value.p != NULL && !bw_str_eq(value, own)))
			return (struct bw_str){NULL, 0};
		value = own;
	}
	return value;
}

static void
put_numbers(const struct judging *j, struct bw_buf *b)
{
	bw_buf_puts(b, "<TelephoneNumbers>");
	for (size_t i = 0; i < j->request.n; i++) {
		if (!j->good[i])
			continue;
		bw_buf_puts(b, "<TelephoneNumber>");
		if (j->request.e164)
			bwi_phone_number_write(j->request.numbers[i], b);
		else
			bwi_phone_number_write_short(j->request.numbers[i], b);
		bw_buf_puts(b, "</TelephoneNumber>");
	}
	bw_buf_puts(b, "</TelephoneNumbers>");
}

static bool
may_disclose(const struct judging *j, enum bwi_subscriber_field field)
{
	return (j->portout->disclose >> field & 1) != 0;
}

/*
 * Write AcceptableValues, in the order of the documentation. The element must
 * not be empty and its values have maximum lengths: Bandwidth treats an invalid
 * answer as consent.
 */
static void
put_acceptable(const struct judging *j, struct bw_buf *b)
{
	static const struct {
		enum bwi_subscriber_field field;
		const char *element;
		size_t max;
	} values[] = {
	    {BWI_SUBSCRIBER_PIN, "Pin", 10},
	    {BWI_SUBSCRIBER_ACCOUNT, "AccountNumber", 25},
	    {BWI_SUBSCRIBER_ZIP, "ZipCode", 15},
	    {BWI_SUBSCRIBER_NAME, "SubscriberName", 93},
	};
	size_t start, good = 0;

	for (size_t i = 0; j->rows != NULL && i < j->request.n; i++)
		good += j->good[i];
	if (good == 0)
		return;
	bw_buf_puts(b, "<AcceptableValues>");
	start = b->n;
	for (size_t i = 0; !j->closed && i < 4; i++) {
		struct bw_str value = common(j, values[i].field);

		if (!may_disclose(j, values[i].field) ||
		    !bwi_portout_verdict_fits(value, values[i].max))
			continue;
		bw_buf_printf(b, "<%s>", values[i].element);
		bw_buf_xml(b, value);
		bw_buf_printf(b, "</%s>", values[i].element);
	}
	if (may_disclose(j, BWI_SUBSCRIBER_NUMBER))
		put_numbers(j, b);
	if (b->n == start)
		b->n -= sizeof("<AcceptableValues>") - 1;
	else
		bw_buf_puts(b, "</AcceptableValues>");
}

static void
put_verdict(const struct judging *j, struct bw_buf *b)
{
	bwi_portout_verdict_begin(b, j->nfaults == 0, j->request.pon);
	if (j->nfaults > 0) {
		bw_buf_puts(b, "<Errors>");
		for (size_t i = 0; i < j->nfaults; i++) {
			bw_buf_printf(b, "<Error><Code>%d</Code><Description>",
			    j->faults[i].code);
			bw_buf_puts(b, j->faults[i].text);
			bw_buf_puts(b, "</Description></Error>");
		}
		bw_buf_puts(b, "</Errors>");
		put_acceptable(j, b);
	}
	bwi_portout_verdict_end(b);
}

/*
 * First apply the rules that need no subscriber data, so that they work even if
 * the data are unreadable.
 */
static enum bw_err
judge(struct judging *j, struct bwi_subscriber_lookup *lookup,
    const struct bwi_history_id *history_id, struct bw_error *e)
{
	enum bw_err err;

	if (j->request.fault != NULL) {
		refuse(
		    j, BWI_PORTOUT_WHOLE, BWI_PORTOUT_ERROR, j->request.fault);
		return BW_OK;
	}
	if ((int64_t)j->request.n > j->portout->numbers) {
		refuse(j, BWI_PORTOUT_WHOLE, CODE_NUMBERS,
		    bwi_portout_verdict_reason(CODE_NUMBERS));
		return BW_OK;
	}
	err = bwi_subscriber_lookup_begin(lookup, j->portout->subscribers, e);
	return err == BW_OK ? judge_numbers(j, lookup, history_id, e) : err;
}

/* The verdict quotes the data: write it before releasing them. */
enum bw_err
bwi_portout_judge(const struct bwi_portout *p, const struct bw_event *event,
    struct bwi_arena *arena, int64_t deadline,
    const struct bwi_history_id *history_id,
    const struct bwi_portout_listener *listener, struct bw_buf *out,
    struct bw_error *e)
{
	struct judging j = {.portout = p, .listener = listener};
	struct bwi_subscriber_lookup lookup = {.arena = arena,
	    .deadline = bw_earlier(deadline, bw_monotonic_ns() + LOOKUP_TIME)};
	enum bw_err err = bwi_portout_request_read(&j.request, event, arena, e);

	if (err == BW_OK)
		err = judge(&j, &lookup, history_id, e);
	if (err == BW_OK) {
		put_verdict(&j, out);
		err = out->err;
		if (err != BW_OK)
			(void)bw_error_set(
			    e, err, 0, "port-out: %s", bw_strerror(err));
	}
	if (err != BW_OK)
		bw_buf_reset(out);
	bwi_subscriber_lookup_end(&lookup);
	return err;
}

static void
put_stored_verdict(void *arg, struct bw_str verdict)
{
	bw_buf_str(arg, verdict);
}

enum bw_err
bwi_portout_decide(const struct bwi_portout *p, const struct bw_event *event,
    struct bwi_arena *arena, const struct bwi_portout_history *history,
    int64_t deadline, struct bw_buf *out, struct bw_error *e)
{
	int64_t now = bw_monotonic_ns();
	int64_t end = bw_earlier(deadline, now + LOOKUP_TIME);
	struct bwi_history_id id;
	enum bw_err err;

	bwi_history_identify(&id, event->raw);
	if (bwi_history_find(p->history, &id, now, put_stored_verdict, out)) {
		if (out->err == BW_OK)
			return BW_OK;
		err = bw_error_set(
		    e, out->err, 0, "port-out: %s", bw_strerror(out->err));
		bw_buf_reset(out);
		return err;
	}
	if (p->velocity > 0 && history->store != NULL)
		bwi_history_load(p->history, history->store, history->section,
		    p->numbers, bw_earlier(end, now + HISTORY_TIME));
	err = bwi_portout_judge(p, event, arena, end, &id, NULL, out, e);
	if (err == BW_OK)
		bwi_history_add(
		    p->history, &id, (struct bw_str){out->p, out->n}, now);
	return err;
}
