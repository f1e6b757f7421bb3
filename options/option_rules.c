/* Which options go together. */
#include "options/option_rules.h"
#include "options/option.h"

#include <string.h>

/* Limit for the text of one condition with its words, in bytes. */
#define MAX_TEXT 512

/* The next word of a list separated by blanks; n 0: no more. */
static struct bw_str
next_condition(const char **list)
{
	struct bw_str word;

	*list += strspn(*list, " ");
	word = (struct bw_str){*list, strcspn(*list, " ")};
	*list += word.n;
	return word;
}

static bool
has_word(struct bw_str words, const char *value)
{
	while (words.n > 0) {
		const char *bar = memchr(words.p, '|', words.n);
		size_t n = bar != NULL ? (size_t)(bar - words.p) : words.n;

		if (bw_str_is((struct bw_str){words.p, n}, value))
			return true;
		n += bar != NULL;
		words.p += n;
		words.n -= n;
	}
	return false;
}

/*
 * Is a condition true: "name" if the option was given, "name=a|b" if it was
 * given with one of these values.
 */
static bool
holds(const struct option_given *g, struct bw_str condition)
{
	const char *sign = memchr(condition.p, '=', condition.n);
	size_t n = sign != NULL ? (size_t)(sign - condition.p) : condition.n;
	struct bw_str name = {condition.p, n}, words = {NULL, 0};

	if (sign != NULL)
		words = (struct bw_str){sign + 1, condition.n - n - 1};
	for (size_t i = 0; i < g->n; i++) {
		if (bw_str_is(name, g->rows[i]->name) &&
		    (words.n == 0 || (g->values[i] != NULL &&
					 has_word(words, g->values[i]))))
			return true;
	}
	return false;
}

/* "--channel SMS or MMS" */
static void
put_condition(struct bw_buf *b, struct bw_str condition)
{
	bw_buf_puts(b, "--");
	for (size_t i = 0; i < condition.n; i++) {
		char c = condition.p[i];

		if (c == '=')
			bw_buf_putc(b, ' ');
		else if (c != '|')
			bw_buf_putc(b, c);
		else if (memchr(condition.p + i + 1, '|',
			     condition.n - i - 1) != NULL)
			bw_buf_puts(b, ", ");
		else
			bw_buf_puts(b, " or ");
	}
}

static enum bw_err
refuse(const struct option_row *row, const char *how, struct bw_str condition,
    struct bw_error *e)
{
	struct bw_buf b;
	enum bw_err err;

	bw_buf_init(&b, MAX_TEXT);
	put_condition(&b, condition);
	err = bw_error_set(e, BW_ERR_USAGE, 0, "--%s %s %.*s", row->name, how,
	    (int)b.n, b.n > 0 ? b.p : "");
	bw_buf_free(&b);
	return err;
}

static enum bw_err
check_row(const struct option_given *g, const struct option_row *row,
    struct bw_error *e)
{
	const char *needs = row->needs != NULL ? row->needs : "";
	const char *excludes = row->excludes != NULL ? row->excludes : "";
	struct bw_str word;

	while ((word = next_condition(&needs)).n > 0) {
		if (!holds(g, word))
			return refuse(row, "needs", word, e);
	}
	while ((word = next_condition(&excludes)).n > 0) {
		if (holds(g, word))
			return refuse(row, "does not go with", word, e);
	}
	return BW_OK;
}

enum bw_err
option_rules_check(const struct option_given *g, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	for (size_t i = 0; i < g->n && err == BW_OK; i++)
		err = check_row(g, g->rows[i], e);
	return err;
}
