#include <bwcallback/tools/spell.h>

#include "template/placeholder.h"

#include <bwcallback/tools/str.h>

#include "event/field.h"
#include "template/filter.h"

static enum bw_err
no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "placeholder: out of memory");
}

/* How much of s to show in a message. */
static int
shown(struct bw_str s)
{
	return (int)(s.n < 80 ? s.n : 80);
}

static bool
is_field_name(struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			(c >= '0' && c <= '9') || c == '_' || c == '.' ||
			c == '-' || c == ':'))
			return false;
	}
	return s.n != 0 && s.p[0] != '.' && s.p[s.n - 1] != '.';
}

/* Length of s up to the first '|' without a backslash before it. */
static size_t
part_length(struct bw_str s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != '|')
		i += s.p[i] == '\\' && i + 1 < s.n ? 2 : 1;
	return i;
}

static enum bw_err
find_table(struct bwi_placeholder *p, const struct bwi_tables *tables,
    struct bw_str id, struct bw_error *e)
{
	const char *near = NULL;

	for (size_t i = 0; i < tables->n; i++) {
		const char *name = tables->tables[i].id.p;

		if (bw_str_eq(id, tables->tables[i].id)) {
			p->table = tables->tables[i].table;
			/* A table that failed to load has been reported. */
			return p->table != NULL ? BW_OK : BW_ERR_NOFILE;
		}
		if (near == NULL)
			near = bw_spell_suggest(id, &name, 1);
	}
	return bw_error_set(e, BW_ERR_SYNTAX, 0,
	    "{%.*s}: no <table id=\"%.*s\">%s%s%s", shown(p->source),
	    p->source.p, shown(id), id.p,
	    near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

static enum bw_err
find_column(struct bwi_placeholder *p, struct bw_str name, struct bw_error *e)
{
	size_t n = bwi_table_columns(p->table);
	const char *near = NULL;

	p->column = bwi_table_column(p->table, name);
	if (p->column < n)
		return BW_OK;
	for (size_t i = 0; i < n && near == NULL; i++) {
		const char *have = bwi_table_column_name(p->table, i).p;

		near = bw_spell_suggest(name, &have, 1);
	}
	return bw_error_set(e, BW_ERR_SYNTAX, 0,
	    "{%.*s}: the table has no column \"%.*s\"%s%s%s", shown(p->source),
	    p->source.p, shown(name), name.p,
	    near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

static enum bw_err
set_field(struct bwi_placeholder *p, struct bwi_arena *arena,
    struct bw_str name, struct bw_error *e)
{
	p->name = bwi_arena_copy(arena, name);
	if (p->name.p == NULL)
		return no_memory(e);
	p->field = bwi_field_name(p->name);
	return BW_OK;
}

static enum bw_err
parse_key(struct bwi_placeholder *p, struct bwi_arena *arena, struct bw_str key,
    struct bw_error *e)
{
	if (key.n >= 2 && key.p[0] == '\'' && key.p[key.n - 1] == '\'') {
		p->literal = bwi_arena_copy(
		    arena, (struct bw_str){key.p + 1, key.n - 2});
		if (p->literal.p == NULL)
			return no_memory(e);
		if (bwi_table_get(p->table, p->literal, p->column).p != NULL)
			return BW_OK;
		return bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "{%.*s}: the table has no row %.*s", shown(p->source),
		    p->source.p, shown(key), key.p);
	}
	if (!is_field_name(key)) {
		return bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "{%.*s}: write a field of the event, or a key in single "
		    "quotes, between the brackets",
		    shown(p->source), p->source.p);
	}
	return set_field(p, arena, key, e);
}

static enum bw_err
parse_lookup(struct bwi_placeholder *p, struct bwi_arena *arena,
    const struct bwi_tables *tables, struct bw_str s, const char *open,
    struct bw_error *e)
{
	const char *end = s.p + s.n;
	const char *close = memchr(open, ']', (size_t)(end - open));
	struct bw_str id =
	    bw_str_trim((struct bw_str){s.p, (size_t)(open - s.p)});
	enum bw_err err;

	if (close == NULL || end - close < 3 || close[1] != '.') {
		return bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "{%.*s}: write a look-up as {table[field].column}",
		    shown(p->source), p->source.p);
	}
	err = find_table(p, tables, id, e);
	if (err != BW_OK)
		return err;
	err = find_column(p,
	    bw_str_trim((struct bw_str){close + 2, (size_t)(end - close) - 2}),
	    e);
	if (err != BW_OK)
		return err;
	return parse_key(p, arena,
	    bw_str_trim((struct bw_str){open + 1, (size_t)(close - open) - 1}),
	    e);
}

static enum bw_err
parse_value(struct bwi_placeholder *p, struct bwi_arena *arena,
    const struct bwi_tables *tables, struct bw_str s, struct bw_error *e)
{
	const char *open;

	s = bw_str_trim(s);
	open = s.n != 0 ? memchr(s.p, '[', s.n) : NULL;
	if (open != NULL)
		return parse_lookup(p, arena, tables, s, open, e);
	if (!is_field_name(s)) {
		return bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "{%.*s}: not the name of an event's field; write {field}, "
		    "{field|filter} or {table[field].column}, and \"{{\" for "
		    "a brace in the text",
		    shown(p->source), p->source.p);
	}
	return set_field(p, arena, s, e);
}

/* A copy without the escaping backslashes. */
static struct bw_str
copy_unescaped(struct bwi_arena *arena, struct bw_str s)
{
	char *out = bwi_arena_alloc(arena, s.n + 1);
	size_t n = 0;

	if (out == NULL)
		return (struct bw_str){NULL, 0};
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		out[n++] = s.p[i];
	}
	return (struct bw_str){out, n};
}

static enum bw_err
parse_filters(struct bwi_placeholder *p, struct bwi_arena *arena,
    struct bw_str s, struct bw_error *e)
{
	struct bwi_filter *filters;
	size_t n = 0;

	for (size_t i = 0; i < s.n;
	     i += part_length((struct bw_str){s.p + i + 1, s.n - i - 1}) + 1)
		n++;
	filters = bwi_arena_alloc(arena, n * sizeof(*filters));
	if (filters == NULL)
		return no_memory(e);
	for (size_t i = 0; i < n; i++) {
		struct bw_str rest = {s.p + 1, s.n - 1}; /* after the '|' */
		size_t len = part_length(rest);
		struct bw_str one =
		    copy_unescaped(arena, (struct bw_str){rest.p, len});
		enum bw_err err;

		if (one.p == NULL)
			return no_memory(e);
		err = bwi_filter_parse(&filters[i], one, e);
		if (err != BW_OK)
			return err;
		s = (struct bw_str){rest.p + len, rest.n - len};
	}
	p->filters = filters;
	p->nfilters = n;
	return BW_OK;
}

enum bw_err
bwi_placeholder_parse(struct bwi_placeholder *p, struct bwi_arena *arena,
    const struct bwi_tables *tables, struct bw_str source, struct bw_error *e)
{
	size_t head = part_length(source);
	enum bw_err err;

	*p = (struct bwi_placeholder){.source = bwi_arena_copy(arena, source)};
	if (p->source.p == NULL)
		return no_memory(e);
	err = parse_value(p, arena, tables, (struct bw_str){source.p, head}, e);
	if (err != BW_OK || head == source.n)
		return err;
	return parse_filters(
	    p, arena, (struct bw_str){source.p + head, source.n - head}, e);
}

bool
bwi_placeholder_get(const struct bwi_placeholder *p,
    const struct bw_event *event, struct bwi_arena *arena, struct bw_str *value)
{
	*value = p->literal;
	if (p->literal.p == NULL && event != NULL)
		(void)bw_event_get(event, p->field, value);
	if (p->table != NULL)
		*value = bwi_table_get(p->table, *value, p->column);
	for (size_t i = 0; i < p->nfilters; i++) {
		if (!bwi_filter_apply(&p->filters[i], arena, value))
			return false;
	}
	return true;
}
