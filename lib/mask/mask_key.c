/* Masks de-duplication keys: each part by the kind of its member. */
#include "event/event.h"
#include "mask/mask.h"

static const struct bw_event_type *
find_type(struct bw_str family, struct bw_str name)
{
	for (int f = 0; f < BW_FAMILY__MAX; f++) {
		const struct bw_event_type *row;

		if (!bw_str_is(family, bw_family_name((enum bw_family)f)))
			continue;
		row = bwi_event_type_find((enum bw_family)f, name);
		return row != NULL ? row
				   : bwi_event_type_other((enum bw_family)f);
	}
	return NULL;
}

/* Take the text up to a separator, and skip that; all when there is none. */
static struct bw_str
take_until(struct bw_str *rest, char separator)
{
	const char *at =
	    rest->n > 0 ? memchr(rest->p, separator, rest->n) : NULL;
	struct bw_str part = *rest;
	size_t n = at != NULL ? (size_t)(at - rest->p) + 1 : rest->n;

	if (at != NULL)
		part.n = n - 1;
	*rest = (struct bw_str){rest->p + n, rest->n - n};
	return part;
}

static size_t
count(struct bw_str s, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == c;
	return n;
}

/* The kind of a recipe's term: that of its first member that is not a WORD. */
static enum bw_mask
kind_of(struct bw_str term)
{
	while (term.n > 0) {
		struct bw_str name = take_until(&term, '|');
		enum bw_mask kind;

		if (name.n > 0 && name.p[name.n - 1] == '?')
			name.n--;
		if (name.n > 0 && name.p[0] == '#')
			continue; /* a hash */
		if (name.n > 0 && name.p[0] == '@')
			name = (struct bw_str){name.p + 1, name.n - 1};
		kind = bw_mask_of_member(name);
		if (kind != BW_MASK_WORD)
			return kind;
	}
	return BW_MASK_WORD;
}

/* A part that begins with '#' is a hash: it is shown, whatever the kind. */
static void
add_part(struct bw_buf *b, enum bw_mask kind, struct bw_str part)
{
	if (part.n > 0 && part.p[0] == '#')
		kind = BW_MASK_WORD;
	if (kind == BW_MASK_HIDDEN)
		kind = BW_MASK_KEYS;
	bw_mask_add(b, kind, part, false);
}

/* Append the parts that follow "family.type:". */
static void
add_parts(struct bw_buf *b, const struct bw_event_type *row, struct bw_str rest)
{
	struct bw_str recipe = row != NULL
				   ? (struct bw_str){row->key, strlen(row->key)}
				   : (struct bw_str){"", 0};
	size_t parts = count(rest, ':') + 1;
	bool known = recipe.n > 0 && count(recipe, ' ') + 1 == parts;

	for (size_t i = 0; i < parts; i++) {
		struct bw_str term = take_until(&recipe, ' ');

		if (i > 0)
			bw_buf_putc(b, ':');
		add_part(b, known ? kind_of(term) : BW_MASK_HIDDEN,
		    take_until(&rest, ':'));
	}
}

void
bw_mask_key(struct bw_buf *b, const struct bw_store_event *e, bool reveal)
{
	struct bw_str rest = e->key;
	size_t section = e->section.n;

	if (reveal || rest.p == NULL) {
		bw_mask_add(b, BW_MASK_WORD, rest, reveal);
		return;
	}
	if (rest.n > section && rest.p[section] == '|' &&
	    memcmp(rest.p, e->section.p, section) == 0) {
		bw_buf_add(b, rest.p, section + 1);
		rest =
		    (struct bw_str){rest.p + section + 1, rest.n - section - 1};
	}
	bw_mask_add(b, BW_MASK_REMARK, take_until(&rest, ':'), false);
	if (e->key.n == 0 ||
	    (rest.p == e->key.p + e->key.n && e->key.p[e->key.n - 1] != ':'))
		return;
	bw_buf_putc(b, ':');
	add_parts(b, find_type(e->family, e->type), rest);
}
