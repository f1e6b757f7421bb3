/*
 * Builds de-duplication keys from the recipes in events.def.
 *
 * The recipes are ours and trusted. The values are not: each is limited in
 * length and encoded, so that different lists of values give different keys.
 */
#include <nettle/sha2.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/printed.h"
#include "event/event.h"

/* Ids have up to 50 characters, numbers 16. Longer values are hashed. */
#define MAX_VALUE 128

/* Most numbers of one order; with more, the payload's hash is used. */
#define MAX_NUMBERS 256

/* Digits of a number: E.164 has 15 at most. */
#define MAX_DIGITS 24

struct number {
	char text[MAX_DIGITS + 2];
};

static void
add_digest(struct bw_buf *b, struct sha256_ctx *ctx)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	char text[1 + 2 * SHA256_DIGEST_SIZE] = {'#'};

	sha256_digest(ctx, sizeof(digest), digest);
	bwi_hex_encode(digest, sizeof(digest), text + 1);
	bw_buf_add(b, text, sizeof(text));
}

static void
add_hash(struct bw_buf *b, struct bw_str s)
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, s.n, (const uint8_t *)s.p);
	add_digest(b, &ctx);
}

static bool
is_plain(unsigned char c)
{
	return c > ' ' && c != ':' && c != '%' && c != '#' && c != 0x7f;
}

static void
add_escaped(struct bw_buf *b, char c)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char u = (unsigned char)c;
	char esc[3] = {'%', hex[u >> 4], hex[u & 15]};

	bw_buf_add(b, esc, sizeof(esc));
}

static void
add_value(struct bw_buf *b, struct bw_str s)
{
	size_t i = 0;

	if (s.n > MAX_VALUE) {
		add_hash(b, s);
		return;
	}
	while (i < s.n) {
		size_t start = i;

		while (i < s.n && is_plain((unsigned char)s.p[i]))
			i++;
		bw_buf_add(b, s.p + start, i - start);
		if (i < s.n)
			add_escaped(b, s.p[i++]);
	}
}

/*
 * "9195550100", "19195550100" and "+1 (919) 555-0100" are the same number: the
 * Numbers API writes ten digits or E.164, depending on the subscription.
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

/* Is there a second element with the name of the last part's parent? */
static bool
has_second_parent(const struct bw_event *e, struct bw_str name)
{
	const char *dot = memrchr(name.p, '.', name.n);
	char path[96];
	int len;

	if (dot == NULL)
		return false;
	len =
	    snprintf(path, sizeof(path), "%.*s.1", (int)(dot - name.p), name.p);
	return bwi_tree_find(e->tree, e->node,
		   (struct bw_str){path, bwi_printed(len, sizeof(path))}) != 0;
}

/*
 * Add the numbers of a repeated element. False when there are none or too many,
 * or when a second list may have more.
 */
static bool
add_numbers(const struct bw_event *e, struct bw_buf *b, struct bw_str name)
{
	struct number numbers[MAX_NUMBERS];
	struct bw_str value = {NULL, 0};
	size_t n;

	if (has_second_parent(e, name))
		return false;
	for (n = 0; n < MAX_NUMBERS; n++) {
		char path[96];
		int len = snprintf(
		    path, sizeof(path), "%.*s.%zu", (int)name.n, name.p, n);

		bw_event_get(e,
		    (struct bw_str){path, bwi_printed(len, sizeof(path))},
		    &value);
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

/*
 * Add several fields as one hash, separated by NULs. False when all are
 * missing.
 */
static bool
add_hashed(const struct bw_event *e, struct bw_buf *b, struct bw_str names)
{
	struct sha256_ctx ctx;
	bool any = false;

	sha256_init(&ctx);
	while (names.n > 0) {
		struct bw_str name = names, value;
		const char *comma = memchr(names.p, ',', names.n);

		if (comma != NULL)
			name.n = (size_t)(comma - names.p);
		names.p += comma != NULL ? name.n + 1 : name.n;
		names.n -= comma != NULL ? name.n + 1 : name.n;
		bw_event_get(e, name, &value);
		any = any || value.p != NULL;
		if (value.p != NULL)
			sha256_update(&ctx, value.n, (const uint8_t *)value.p);
		if (comma != NULL)
			sha256_update(&ctx, 1, (const uint8_t *)"");
	}
	if (any)
		add_digest(b, &ctx);
	return any;
}

/* Add one alternative of a term. False when it is not present. */
static bool
add_alternative(const struct bw_event *e, struct bw_buf *b, struct bw_str name)
{
	struct bw_str rest = {name.p + 1, name.n - 1};
	struct bw_str value;

	if (name.p[0] == '@')
		return add_numbers(e, b, rest);
	if (name.p[0] == '#' && rest.n > 0)
		return add_hashed(e, b, rest);
	if (name.p[0] == '#') {
		add_hash(b, e->raw);
		return true;
	}
	bw_event_get(e, name, &value);
	if (value.p != NULL)
		add_value(b, value);
	return value.p != NULL;
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
