/* Parses options by their tables. */
#include "options/option.h"
#include "options/option_rules.h"

#include <stdio.h>
#include <string.h>

#include <bwcallback/tools/spell.h>

/* Larger than any count used here. */
#define MAX_COUNT INT64_C(10000000000)

/* Limit for the rows of all tables of one command, for suggestions. */
#define MAX_NAMES 128

/* Limit for a value in a message. */
#define MAX_SHOWN 100

/* Limit for all words that one option allows, in bytes. */
#define MAX_WORDS 4096

struct parser {
	const struct option_table *tables;
	size_t n;
	struct option_given *given;
	struct bw_error *error;
};

static bool
parse_count(const char *s, int64_t *out)
{
	int64_t v = 0;

	if (*s == '\0')
		return false;
	for (; *s >= '0' && *s <= '9' && v <= MAX_COUNT; s++)
		v = v * 10 + (*s - '0');
	*out = v;
	return *s == '\0' && v <= MAX_COUNT;
}

const struct option_form option_count = {"number", NULL, parse_count};

bool
option_is_of(const struct option_row *row, unsigned group)
{
	return row->group == 0 || (row->group & group) != 0;
}

struct bw_str
option_word(const struct option_row *row, size_t i)
{
	const char *word = row->word != NULL ? row->word(i) : row->words;

	if (row->word == NULL) {
		while (word != NULL && i-- > 0) {
			word = strchr(word, '|');
			word = word != NULL ? word + 1 : NULL;
		}
	}
	if (word == NULL)
		return (struct bw_str){NULL, 0};
	return (struct bw_str){
	    word, row->word != NULL ? strlen(word) : strcspn(word, "|")};
}

void
option_put_words(struct bw_buf *b, const struct option_row *row)
{
	struct bw_str word, next = option_word(row, 0);

	for (size_t i = 0; next.p != NULL; i++) {
		word = next;
		next = option_word(row, i + 1);
		if (i > 0)
			bw_buf_puts(b, next.p != NULL ? ", " : " or ");
		bw_buf_str(b, word);
	}
}

static bool
is_allowed(const struct option_row *row, const char *value)
{
	struct bw_str word = option_word(row, 0);

	for (size_t i = 0; word.p != NULL; word = option_word(row, ++i)) {
		if (bw_str_is(word, value))
			return true;
	}
	return option_word(row, 0).p == NULL;
}

/* If a row is in several tables, the first table is used. */
static const struct option_row *
find(const struct parser *p, struct bw_str name, void **to)
{
	for (size_t t = 0; t < p->n; t++) {
		const struct option_row *row = p->tables[t].rows;

		for (; row != NULL && row->name != NULL; row++) {
			if (!option_is_of(row, p->tables[t].group) ||
			    !bw_str_is(name, row->name))
				continue;
			*to = (char *)p->tables[t].to + row->at;
			return row;
		}
	}
	return NULL;
}

static const struct option_row *
find_letter(const struct parser *p, const char *word, void **to)
{
	for (size_t t = 0; t < p->n; t++) {
		const struct option_row *row = p->tables[t].rows;

		for (; row != NULL && row->name != NULL; row++) {
			if (!option_is_of(row, p->tables[t].group) ||
			    row->letter == '\0' || row->letter != word[1] ||
			    word[2] != '\0')
				continue;
			*to = (char *)p->tables[t].to + row->at;
			return row;
		}
	}
	return NULL;
}

/* The options with the nearest name; NULL: none is near. */
static const char *
suggest(const struct parser *p, struct bw_str name)
{
	const char *names[MAX_NAMES] = {"help"};
	size_t n = 1;

	for (size_t t = 0; t < p->n; t++) {
		const struct option_row *row = p->tables[t].rows;

		for (; row != NULL && row->name != NULL; row++) {
			if (option_is_of(row, p->tables[t].group) &&
			    n < MAX_NAMES)
				names[n++] = row->name;
		}
	}
	return bw_spell_suggest(name, names, n);
}

static enum bw_err
refuse_name(const struct parser *p, const char *word)
{
	const char *name = word + strspn(word, "-");
	const char *near =
	    suggest(p, (struct bw_str){name, strcspn(name, "=")});

	return bw_error_set(p->error, BW_ERR_USAGE, 0,
	    "no option \"%.100s\"%s%s%s", word,
	    near != NULL ? "; did you mean \"--" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

/* Append the word nearest to the value, as a question. */
static void
put_nearest(struct bw_buf *b, const struct option_row *row, const char *value)
{
	struct bw_str word = option_word(row, 0);
	const char *names[MAX_NAMES], *near;
	struct bw_buf copies;
	size_t n = 0;

	bw_buf_init(&copies, MAX_WORDS);
	for (; word.p != NULL; word = option_word(row, ++n)) {
		bw_buf_str(&copies, word);
		bw_buf_putc(&copies, '\0');
	}
	near = copies.p;
	for (size_t i = 0; copies.err == BW_OK && i < n && i < MAX_NAMES; i++) {
		names[i] = near;
		near += strlen(near) + 1;
	}
	near = copies.err == BW_OK && n <= MAX_NAMES
		   ? bw_spell_suggest(
			 (struct bw_str){value, strlen(value)}, names, n)
		   : NULL;
	if (near != NULL)
		bw_buf_printf(b, "; did you mean \"%s\"?", near);
	bw_buf_free(&copies);
}

static enum bw_err
refuse_words(
    const struct parser *p, const struct option_row *row, const char *value)
{
	struct bw_buf b;
	enum bw_err err;

	bw_buf_init(&b, MAX_WORDS);
	option_put_words(&b, row);
	put_nearest(&b, row, value);
	err =
	    bw_error_set(p->error, BW_ERR_USAGE, 0, "--%s %.100s: must be %.*s",
		row->name, value, (int)b.n, b.p != NULL ? b.p : "");
	bw_buf_free(&b);
	return err;
}

/* "a number from 1 to 256", "an age above 0s, such as 10s or 90d" */
static enum bw_err
refuse_number(
    const struct parser *p, const struct option_row *row, const char *value)
{
	const struct option_form *form = row->form;
	char bounds[64] = "";

	if (row->max > 0)
		(void)snprintf(bounds, sizeof(bounds), " from %lld to %lld",
		    (long long)row->min, (long long)row->max);
	else if (row->min > 0)
		(void)snprintf(bounds, sizeof(bounds), " above 0");
	return bw_error_set(p->error, BW_ERR_USAGE, 0,
	    "--%s %.100s: not %s %s%s%s%s", row->name, value,
	    strchr("aeiou", form->name[0]) != NULL ? "an" : "a", form->name,
	    bounds, form->like != NULL ? " such as " : "",
	    form->like != NULL ? form->like : "");
}

static enum bw_err
set_number(const struct parser *p, const struct option_row *row, int64_t *to,
    const char *value)
{
	int64_t v;

	if (!row->form->parse(value, &v) || v < row->min ||
	    (row->max > 0 && v > row->max))
		return refuse_number(p, row, value);
	*to = v;
	return BW_OK;
}

static enum bw_err
add_value(const struct parser *p, const struct option_row *row,
    struct option_list *list, const char *value)
{
	if (list->n == OPTION_MAX_LIST)
		return bw_error_set(p->error, BW_ERR_USAGE, 0,
		    "--%s %.100s: more than %d of them", row->name, value,
		    OPTION_MAX_LIST);
	list->v[list->n++] = value;
	return BW_OK;
}

static enum bw_err
set_custom(const struct parser *p, const struct option_row *row, void *to,
    const char *value)
{
	struct bw_error why = {BW_OK, 0, ""};
	enum bw_err err = row->parse(to, value, &why);

	if (err == BW_OK)
		return BW_OK;
	return bw_error_set(
	    p->error, err, 0, "--%s %.100s: %.300s", row->name, value, why.msg);
}

static void
record_given(
    struct option_given *g, const struct option_row *row, const char *value)
{
	if (g->n == OPTION_MAX_GIVEN)
		return;
	g->rows[g->n] = row;
	g->values[g->n++] = value;
}

/* The query of a URL may be private, and messages end up in logs. */
static enum bw_err
refuse_text(const struct parser *p, const struct option_row *row,
    const struct option_value *v, const char *value)
{
	int n = (int)strnlen(value, MAX_SHOWN);
	const char *query = memchr(value, '?', (size_t)n);

	return bw_error_set(p->error, BW_ERR_USAGE, 0, "--%s %.*s: must be %s",
	    row->name, query != NULL ? (int)(query - value) : n, value,
	    v->what);
}

static enum bw_err
set_value(const struct parser *p, const struct option_row *row, void *to,
    const char *value)
{
	const struct option_value *v = option_value_of(row);

	if (!is_allowed(row, value))
		return refuse_words(p, row, value);
	if (v != NULL && v->check != NULL && !v->check(value))
		return refuse_text(p, row, v, value);
	record_given(p->given, row, value);
	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)to = true;
		break;
	case OPTION_TEXT:
		*(const char **)to = value;
		break;
	case OPTION_STR:
		*(struct bw_str *)to = (struct bw_str){value, strlen(value)};
		break;
	case OPTION_LIST:
		return add_value(p, row, to, value);
	case OPTION_NUMBER:
		return set_number(p, row, to, value);
	case OPTION_CUSTOM:
		return set_custom(p, row, to, value);
	}
	return BW_OK;
}

/* Is the word an option of the command, and so not a value? */
static bool
is_option(const struct parser *p, const char *word)
{
	void *to;

	return strncmp(word, "--", 2) == 0 && word[2] != '\0' &&
	       find(p, (struct bw_str){word + 2, strlen(word + 2)}, &to) !=
		   NULL;
}

/* Parse one option, argv[*i]; moves *i to its value. */
static enum bw_err
take_option(const struct parser *p, int argc, char **argv, int *i)
{
	const char *word = argv[*i], *value = NULL;
	const struct option_row *row;
	void *to = NULL;

	if (word[1] == '-') {
		size_t n = strcspn(word + 2, "=");

		row = find(p, (struct bw_str){word + 2, n}, &to);
		value = word[2 + n] == '=' ? word + 3 + n : NULL;
	} else {
		row = find_letter(p, word, &to);
	}
	if (row == NULL)
		return refuse_name(p, word);
	if (row->kind == OPTION_FLAG && value != NULL)
		return bw_error_set(p->error, BW_ERR_USAGE, 0,
		    "--%s takes no value, and \"%.100s\" is one", row->name,
		    value);
	if (row->kind != OPTION_FLAG && value == NULL) {
		if (*i + 1 == argc || is_option(p, argv[*i + 1]))
			return bw_error_set(p->error, BW_ERR_USAGE, 0,
			    "--%s: its value is missing: --%s %s", row->name,
			    row->name, row->argument);
		value = argv[++*i];
	}
	return set_value(p, row, to, value);
}

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

enum bw_err
option_parse(const struct option_table *tables, size_t n, int argc, char **argv,
    struct option_rest *rest, struct bw_error *e)
{
	const struct parser p = {tables, n, &rest->given, e};
	enum bw_err err = BW_OK;

	*rest = (struct option_rest){.argv = argv};
	for (int i = 1; i < argc && err == BW_OK; i++) {
		if (rest->ended || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[rest->argc++] = argv[i];
		} else if (strcmp(argv[i], "--") == 0) {
			rest->ended = true;
			rest->before = rest->argc;
		} else if (is_help(argv[i])) {
			rest->help = true;
			return BW_OK;
		} else {
			err = take_option(&p, argc, argv, &i);
		}
	}
	if (!rest->ended)
		rest->before = rest->argc;
	return err == BW_OK ? option_rules_check(&rest->given, e) : err;
}
