/*
 * De-duplication keys: the recipes of events.def, carried out.
 *
 * A recipe is written by us, so it is trusted; what it picks is not, so every
 * value is bounded and encoded, and no two lists of values give one key.
 */
#include <nettle/sha2.h>

#include <stdio.h>
#include <stdlib.h>

#include "event.h"

/* Ids have up to 50 characters, numbers 16. */
#define MAX_VALUE 128

/* As many numbers as anybody ports at once; beyond, the payload's hash. */
#define MAX_NUMBERS 256

/* The longest number that is one: E.164's 15 digits with room to spare. */
#define MAX_DIGITS 24

struct number {
	char text[MAX_DIGITS + 2];
};

static void
add_hash(struct bw_buf *b, struct bw_str s)
{
	static const char hex[] = "0123456789abcdef";
	struct sha256_ctx ctx;
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_init(&ctx);
	sha256_update(&ctx, s.n, (const uint8_t *)s.p);
	sha256_digest(&ctx, sizeof(digest), digest);
	bw_buf_putc(b, '#');
	for (size_t i = 0; i < sizeof(digest); i++) {
		bw_buf_putc(b, hex[digest[i] >> 4]);
		bw_buf_putc(b, hex[digest[i] & 15]);
	}
}

static bool
is_plain(unsigned char c)
{
	return c > ' ' && c != ':' && c != '%' && c != '#' && c != 0x7f;
}

static void
add_value(struct bw_buf *b, struct bw_str s)
{
	static const char hex[] = "0123456789ABCDEF";

	if (s.n > MAX_VALUE) {
		add_hash(b, s);
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_plain(c)) {
			bw_buf_putc(b, (char)c);
		} else {
			char esc[3] = {'%', hex[c >> 4], hex[c & 15]};

			bw_buf_add(b, esc, sizeof(esc));
		}
	}
}

/*
 * "9195550100", "19195550100" and "+1 (919) 555-0100" are one number: the
 * Numbers API writes ten digits or E.164, as a subscription asks.
 */
static bool
normalise(struct bw_str s, struct number *out)
{
	char digits[MAX_DIGITS];
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			continue;
		if (n == sizeof(digits) - 1)
			return false;
		digits[n++] = s.p[i];
	}
	digits[n] = '\0';
	if (n == 0)
		return false;
	*out = (struct number){.text = "+"};
	if (n == 10)
		out->text[1] = '1';
	memcpy(out->text + 1 + (n == 10), digits, n);
	return true;
}

static int
compare_numbers(const void *a, const void *b)
{
	return strcmp(
	    ((const struct number *)a)->text, ((const struct number *)b)->text);
}

/* The numbers of a repeated element; false when there are none or too many. */
static bool
add_numbers(const struct bw_event *e, struct bw_buf *b, struct bw_str name)
{
	struct number numbers[MAX_NUMBERS];
	struct bw_str value = {NULL, 0};
	size_t n;

	for (n = 0; n < MAX_NUMBERS; n++) {
		char path[96];
		int len = snprintf(
		    path, sizeof(path), "%.*s.%zu", (int)name.n, name.p, n);

		bw_event_get(e, (struct bw_str){path, (size_t)len}, &value);
		if (value.p == NULL || !normalise(value, &numbers[n]))
			break;
	}
	if (n == 0 || value.p != NULL)
		return false;
	qsort(numbers, n, sizeof(numbers[0]), compare_numbers);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			bw_buf_putc(b, ',');
		bw_buf_puts(b, numbers[i].text);
	}
	return true;
}

/* One alternative of a term; false when it is not there. */
static bool
add_alternative(const struct bw_event *e, struct bw_buf *b, struct bw_str name)
{
	struct bw_str rest = {name.p + 1, name.n - 1};
	struct bw_str value;

	if (name.p[0] == '@')
		return add_numbers(e, b, rest);
	if (bw_str_is(name, "#")) {
		add_hash(b, e->raw);
		return true;
	}
	bw_event_get(e, name.p[0] == '#' ? rest : name, &value);
	if (value.p == NULL)
		return false;
	if (name.p[0] == '#')
		add_hash(b, value);
	else
		add_value(b, value);
	return true;
}

static void
add_term(const struct bw_event *e, struct bw_buf *b, struct bw_str term)
{
	bool optional = term.p[term.n - 1] == '?';
	bool done = false;

	term.n -= optional;
	while (!done && term.n > 0) {
		struct bw_str name = term;
		const char *bar = memchr(term.p, '|', term.n);

		if (bar != NULL)
			name.n = (size_t)(bar - term.p);
		done = add_alternative(e, b, name);
		term.p += bar != NULL ? name.n + 1 : term.n;
		term.n -= bar != NULL ? name.n + 1 : term.n;
	}
	if (!done && !optional)
		add_hash(b, e->raw);
}

void
bw_event_key(const struct bw_event *e, struct bw_buf *b)
{
	const char *p = e->row->key;

	if (*p == '\0')
		return;
	bw_buf_puts(b, bw_family_name(e->row->family));
	bw_buf_putc(b, '.');
	add_value(b, e->name);
	while (*p != '\0') {
		size_t n = strcspn(p, " ");

		bw_buf_putc(b, ':');
		add_term(e, b, (struct bw_str){p, n});
		p += n;
		p += strspn(p, " ");
	}
}
