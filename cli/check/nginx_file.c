#include <string.h>

#include "cli/check/handover.h"
#include "cli/check/words.h"

/* Maximum nesting of blocks. */
#define MAX_DEPTH 32

struct reader {
	const char *file, *p, *end;
	int line;
	struct handover *to;
	struct words words;
	/* The innermost location around each open block. */
	size_t around[MAX_DEPTH];
	size_t depth;
	struct bw_error *error;
};

static enum bw_err
fail(struct reader *r, const char *what)
{
	return bw_error_set(
	    r->error, BW_ERR_CONFIG, 0, "%s:%d: %s", r->file, r->line, what);
}

/* Read a quoted word, or one that ends at white space, ';' or '{'. */
static enum bw_err
read_word(struct reader *r)
{
	char quote = *r->p == '"' || *r->p == '\'' ? *r->p++ : '\0';

	while (r->p < r->end) {
		char c = *r->p;

		if (quote != '\0' ? c == quote : strchr(" \t\r\n;{", c) != NULL)
			break;
		/* Keep the backslash: it may be part of an expression. */
		if (c == '\\' && r->p + 1 < r->end) {
			if (r->p[1] != '"' && r->p[1] != '\'')
				words_add(&r->words, c);
			c = *++r->p;
		}
		r->line += c == '\n';
		words_add(&r->words, c);
		r->p++;
	}
	if (quote != '\0') {
		if (r->p == r->end)
			return fail(r, "the quote is not closed");
		r->p++;
	}
	return words_end(&r->words);
}

static const char *
word(const struct reader *r, size_t i)
{
	return words_get(&r->words, i);
}

/* The rule of "location [=|~|~*|^~] PATTERN {". */
static struct handover_rule *
add_location(struct reader *r, size_t parent)
{
	static const struct {
		const char *sign;
		enum handover_match match;
	} signs[] = {
	    {"=", HANDOVER_EXACT},
	    {"~*", HANDOVER_REGEX_NOCASE},
	    {"~", HANDOVER_REGEX},
	    {"^~", HANDOVER_FINAL_PREFIX},
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		size_t n = strlen(signs[i].sign);
		const char *rest = word(r, 1) + n;

		if (strncmp(word(r, 1), signs[i].sign, n) != 0)
			continue;
		/* nginx accepts "=/path" and "~^/path", too. */
		if (*rest == '\0')
			rest = word(r, 2);
		return handover_add(r->to, signs[i].match,
		    (struct bw_str){rest, strlen(rest)}, r->line, parent);
	}
	return handover_add(r->to, HANDOVER_PREFIX,
	    (struct bw_str){word(r, 1), strlen(word(r, 1))}, r->line, parent);
}

static enum bw_err
open_block(struct reader *r)
{
	size_t parent =
	    r->depth > 0 ? r->around[r->depth - 1] : HANDOVER_NO_PARENT;

	if (r->depth == MAX_DEPTH)
		return fail(r, "too many blocks inside of each other");
	if (strcmp(word(r, 0), "location") == 0) {
		if (add_location(r, parent) == NULL)
			return bw_error_set(r->error, BW_ERR_NOMEM, 0,
			    "%s: out of memory", r->file);
		parent = r->to->n - 1;
	}
	r->around[r->depth++] = parent;
	words_reset(&r->words);
	return BW_OK;
}

static void
end_directive(struct reader *r)
{
	size_t parent =
	    r->depth > 0 ? r->around[r->depth - 1] : HANDOVER_NO_PARENT;

	if (parent != HANDOVER_NO_PARENT &&
	    strcmp(word(r, 0), "fastcgi_pass") == 0)
		r->to->rules[parent].passes = true;
	words_reset(&r->words);
}

static enum bw_err
read_sign(struct reader *r)
{
	switch (*r->p++) {
	case ';':
		end_directive(r);
		return BW_OK;
	case '{':
		return open_block(r);
	default:
		if (r->depth == 0)
			return fail(r, "'}' closes no block");
		r->depth--;
		words_reset(&r->words);
		return BW_OK;
	}
}

static enum bw_err
read_all(struct reader *r)
{
	enum bw_err err = BW_OK;

	while (err == BW_OK && r->p < r->end) {
		if (*r->p == '#') {
			while (r->p < r->end && *r->p != '\n')
				r->p++;
		} else if (strchr(" \t\r\n", *r->p) != NULL) {
			r->line += *r->p++ == '\n';
		} else if (strchr(";{}", *r->p) != NULL) {
			err = read_sign(r);
		} else {
			err = read_word(r);
		}
	}
	if (err == BW_OK && r->depth > 0)
		err = fail(r, "a block is not closed");
	return err;
}

enum bw_err
nginx_file_read(const char *file, struct bw_str text, struct handover *to,
    struct bw_error *e)
{
	struct reader r = {.file = file,
	    .p = text.p,
	    .end = text.p + text.n,
	    .line = 1,
	    .to = to,
	    .error = e};
	enum bw_err err;

	err = words_init(&r.words, file, text, e);
	if (err == BW_OK)
		err = read_all(&r);
	words_free(&r.words);
	return err;
}
