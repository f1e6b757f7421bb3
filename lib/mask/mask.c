/* Decides how much of a value is shown, by the kind of its member. */
#include "mask/mask.h"

#include <bwcallback/tools/str.h>

#include "bxml/language.h"
#include "bxml/value.h"

struct member {
	struct bw_str name;
	enum bw_mask kind;
};

static const struct member members[] = {
#define ATTRIBUTE(element, name, kind)
#define MEMBER(name, kind) {{name, sizeof(name) - 1}, BW_MASK_##kind},
#include "mask/members.def"
#undef MEMBER
#undef ATTRIBUTE
};

static const struct {
	const char *element;
	struct member attribute;
} attributes[] = {
#define MEMBER(name, kind)
#define ATTRIBUTE(element, name, kind) \
	{element, {{name, sizeof(name) - 1}, BW_MASK_##kind}},
#include "mask/members.def"
#undef MEMBER
#undef ATTRIBUTE
};

/* The table has no longer names. */
#define MAX_NAME 128

/* Remove list positions from a name. False when it is too long. */
static bool
strip_positions(struct bw_str name, char out[MAX_NAME], size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < name.n;) {
		size_t end = i, digits = 0;

		for (; end < name.n && name.p[end] != '.'; end++)
			digits += bw_is_digit(name.p[end]);
		if (digits != end - i) {
			if (*n + (end - i) + 1 > MAX_NAME)
				return false;
			if (*n > 0)
				out[(*n)++] = '.';
			memcpy(out + *n, name.p + i, end - i);
			*n += end - i;
		}
		i = end + 1;
	}
	return true;
}

/* Remove the root element of an XML document, which names may omit. */
static struct bw_str
strip_root(struct bw_str name)
{
	static const char *const roots[] = {"notification.",
	    "portoutvalidationrequest.", "portoutvalidationresponse."};

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		size_t n = strlen(roots[i]);

		if (bw_str_begins_lower(name, roots[i]))
			return (struct bw_str){name.p + n, name.n - n};
	}
	return name;
}

/* Does the row name the member, or with ".*" its object? */
static bool
is_member(const struct member *m, struct bw_str name)
{
	size_t n = m->name.n;

	if (n > 2 && m->name.p[n - 1] == '*')
		return name.n >= n && memcmp(name.p, m->name.p, n - 1) == 0;
	return bw_str_eq(m->name, name);
}

/* The row of a member; NULL: it is in no table. */
static const struct member *
find_member(struct bw_str name)
{
	char text[MAX_NAME];
	struct bw_str s = {text, 0};

	if (!strip_positions(name, text, &s.n))
		return NULL;
	s = strip_root(s);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (is_member(&members[i], s))
			return &members[i];
	}
	return NULL;
}

enum bw_mask
bw_mask_of_member(struct bw_str name)
{
	const struct member *m = find_member(name);

	return m != NULL ? m->kind : BW_MASK_HIDDEN;
}

bool
bwi_mask_is_member(struct bw_str name)
{
	return find_member(name) != NULL;
}

static enum bw_mask
kind_of_type(enum bwi_bxml_type type)
{
	switch (type) {
	case BWI_BXML_URL:
	case BWI_BXML_WSURL:
		return BW_MASK_URL;
	case BWI_BXML_NUMBER:
	case BWI_BXML_CALLER:
	case BWI_BXML_CALLEE:
	case BWI_BXML_SIP_URI:
		return BW_MASK_NUMBER;
	case BWI_BXML_KEYS:
	case BWI_BXML_DTMF:
		return BW_MASK_KEYS;
	case BWI_BXML_SSML:
		return BW_MASK_SPEECH;
	case BWI_BXML_NAME:
		return BW_MASK_REMARK;
	case BWI_BXML_STRING:
	case BWI_BXML_DISPLAY:
	case BWI_BXML_UUI:
	case BWI_BXML__TYPES:
		return BW_MASK_HIDDEN;
	default:
		return BW_MASK_WORD;
	}
}

/* The first row of that name: an element's content is the same everywhere. */
static const struct bwi_bxml_element *
find_element(struct bw_str name)
{
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		if (bw_str_is(name, bwi_bxml_elements[i].name))
			return &bwi_bxml_elements[i];
	}
	return NULL;
}

enum bw_mask
bwi_mask_of_bxml(struct bw_str element, struct bw_str attribute)
{
	const struct bwi_bxml_element *e = find_element(element);

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]);
	     i++) {
		const char *of = attributes[i].element;

		if (bw_str_eq(attributes[i].attribute.name, attribute) &&
		    (*of == '\0' || bw_str_is(element, of)))
			return attributes[i].attribute.kind;
	}
	if (e == NULL)
		return BW_MASK_HIDDEN;
	if (attribute.n == 0)
		return e->text == BWI_BXML_NONE ? BW_MASK_HIDDEN
						: kind_of_type(e->text);
	for (size_t i = 0; i < e->nattrs; i++) {
		if (bw_str_is(attribute, e->attrs[i].name))
			return kind_of_type(e->attrs[i].type);
	}
	return BW_MASK_HIDDEN;
}

static void
add_hidden(struct bw_buf *b, struct bw_str s)
{
	if (s.n > 0)
		bw_buf_printf(b, "%zu byte%s hidden", s.n, s.n == 1 ? "" : "s");
}

/* Append s with the first hidden digits replaced by '*'. */
static void
add_starred(struct bw_buf *b, struct bw_str s, size_t hidden)
{
	for (size_t i = 0; i < s.n;) {
		size_t n = bwi_mask_separator(s, i);
		bool star = n == 0 && hidden > 0 && bw_is_digit(s.p[i]);

		bw_buf_add(b, star ? "*" : s.p + i, n > 0 ? n : 1);
		hidden -= star;
		i += n > 0 ? n : 1;
	}
}

static void
add_speech(struct bw_buf *b, struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++)
		bw_buf_putc(b, bw_is_digit(s.p[i]) ? '*' : s.p[i]);
}

static void
add_remark(struct bw_buf *b, struct bw_str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t n = 0, hidden;

		while (i + n < s.n && !bw_is_digit(s.p[i + n]))
			n++;
		bw_buf_add(b, s.p + i, n);
		i += n;
		if (i == s.n)
			return;
		n = bw_mask_digits(s, i, &hidden);
		add_speech(b, (struct bw_str){s.p + i, hidden});
		bw_buf_add(b, s.p + i + hidden, n - hidden);
		i += n;
	}
}

/* A sentence may contain a URL with a password. */
static void
add_sentence(struct bw_buf *b, struct bw_str s)
{
	struct bw_buf safe;

	bw_buf_init(&safe, b->max);
	bwi_mask_passwords(&safe, s, false);
	if (safe.err != BW_OK)
		b->err = safe.err;
	else
		add_remark(b, (struct bw_str){safe.p, safe.n});
	bw_buf_free(&safe);
}

/*
 * The number of digits in s; SIZE_MAX when s has more than digits, separators
 * and "+*#".
 */
static size_t
count_digits(struct bw_str s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.n;) {
		size_t n = bwi_mask_separator(s, i);

		if (n == 0 && !bw_is_digit(s.p[i]) &&
		    memchr("+*#", s.p[i], 3) == NULL)
			return SIZE_MAX;
		digits += n == 0 && bw_is_digit(s.p[i]);
		i += n > 0 ? n : 1;
	}
	return digits;
}

static void
add_user(struct bw_buf *b, struct bw_str s)
{
	size_t digits = count_digits(s);

	if (digits == SIZE_MAX)
		bw_buf_puts(b, BWI_MASK_STARS);
	else if (digits >= 7)
		add_starred(b, s, digits - 4);
	else if (digits <= 3) /* 911, 988: a public service */
		bw_buf_str(b, s);
	else
		add_starred(b, s, digits);
}

/* "sip:+19195550142@host;user=phone": mask the user, drop the parameters. */
static void
add_uri(struct bw_buf *b, struct bw_str s, size_t scheme)
{
	size_t end = 0, at;

	bw_buf_add(b, s.p, scheme);
	s = (struct bw_str){s.p + scheme, s.n - scheme};
	for (at = s.n; at > 0 && s.p[at - 1] != '@';)
		at--;
	if (at > 0) {
		add_user(b, (struct bw_str){s.p, at - 1});
		bw_buf_putc(b, '@');
		s = (struct bw_str){s.p + at, s.n - at};
	}
	while (end < s.n && memchr(";?<>&\"", s.p[end], 6) == NULL)
		end++;
	if (at > 0)
		bw_buf_add(b, s.p, end);
	else
		add_user(b, (struct bw_str){s.p, end});
	if (end < s.n)
		bw_buf_puts(b, ";...");
}

static void
add_number(struct bw_buf *b, struct bw_str s)
{
	static const char *const schemes[] = {
	    "sip:", "sips:", "tel:", "sip%3a", "sips%3a", "tel%3a"};
	const char *less = s.n > 0 ? memchr(s.p, '<', s.n) : NULL;
	struct bw_str trimmed = bw_str_trim(s);

	/* Drop a display name before the address. */
	if (less != NULL)
		s = (struct bw_str){less + 1, s.n - (size_t)(less + 1 - s.p)};
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (bw_str_begins_lower(s, schemes[i])) {
			add_uri(b, s, strlen(schemes[i]));
			return;
		}
	}
	if (bwi_bxml_hides_number(trimmed))
		bw_buf_str(b, s);
	else
		add_user(b, s);
}

static void
add_numbers(struct bw_buf *b, struct bw_str s)
{
	while (s.n > 0) {
		const char *comma = memchr(s.p, ',', s.n);
		size_t n = comma != NULL ? (size_t)(comma - s.p) : s.n;

		add_number(b, (struct bw_str){s.p, n});
		if (comma == NULL)
			return;
		bw_buf_putc(b, ',');
		s = (struct bw_str){s.p + n + 1, s.n - n - 1};
	}
}

static void
add_url(struct bw_buf *b, struct bw_str s)
{
	const char *host = s.n > 0 ? memmem(s.p, s.n, "://", 3) : NULL;
	size_t begin = host != NULL ? (size_t)(host - s.p) + 3 : 0;
	size_t end, path = begin, at = 0;

	for (end = begin; end < s.n && s.p[end] != '?' && s.p[end] != '#';)
		end++;
	while (host != NULL && path < end && s.p[path] != '/') {
		if (s.p[path++] == '@')
			at = path;
	}
	bw_buf_add(b, s.p, begin);
	if (at > 0)
		bw_buf_puts(b, BWI_MASK_STARS "@");
	begin = at > 0 ? at : begin;
	bw_buf_add(b, s.p + begin, path - begin);
	add_remark(b, (struct bw_str){s.p + path, end - path});
	if (end < s.n)
		bw_buf_printf(b, "%c...", s.p[end]);
}

static void
add_masked(struct bw_buf *b, enum bw_mask kind, struct bw_str s)
{
	switch (kind) {
	case BW_MASK_WORD:
		bw_buf_str(b, s);
		break;
	case BW_MASK_NUMBER:
		add_numbers(b, s);
		break;
	case BW_MASK_KEYS:
		bw_buf_puts(b, s.n > 0 ? BWI_MASK_STARS : "");
		break;
	case BW_MASK_REMARK:
		add_sentence(b, s);
		break;
	case BW_MASK_SPEECH:
		add_speech(b, s);
		break;
	case BW_MASK_URL:
		add_url(b, s);
		break;
	default:
		add_hidden(b, s);
		break;
	}
}

void
bw_mask_add(struct bw_buf *b, enum bw_mask kind, struct bw_str s, bool reveal)
{
	if (s.p == NULL)
		return;
	if (kind == BW_MASK_SECRET)
		bw_buf_puts(b, s.n > 0 ? BWI_MASK_STARS : "");
	else if (reveal)
		bwi_mask_passwords(b, s, false);
	else
		add_masked(b, kind, s);
}

void
bw_mask_thread(struct bw_buf *b, struct bw_str s, bool reveal)
{
	static const char between[] = "between:";
	const size_t n = sizeof(between) - 1;

	if (reveal || !bw_str_begins_lower(s, between)) {
		bw_mask_add(b, BW_MASK_WORD, s, reveal);
		return;
	}
	bw_buf_puts(b, between);
	add_numbers(b, (struct bw_str){s.p + n, s.n - n});
}

void
bw_mask_body(struct bw_buf *b, struct bw_str s, bool reveal)
{
	bw_mask_add(b, BW_MASK_HIDDEN, s, reveal);
}
