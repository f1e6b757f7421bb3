#include "data/subscriber.h"

#include <nettle/memops.h>

#include <bwcallback/tools/spell.h>
#include <bwcallback/tools/str.h>

/* Longer column names are not ours. */
#define MAX_NAME 64

/* Longest value that is compared: the longest real one has 93 characters. */
#define MAX_VALUE 256

#define ZIP_DIGITS 5

struct folded {
	size_t n;
	char p[MAX_VALUE];
};

static const struct {
	const char *word;
	const char *columns;
} fields[] = {
#define X(name, word, columns) [BWI_SUBSCRIBER_##name] = {word, columns},
#include "data/subscriber.def"
#undef X
};

const char *
bwi_subscriber_word(enum bwi_subscriber_field f)
{
	return f < BWI_SUBSCRIBER__MAX ? fields[f].word : NULL;
}

enum bwi_subscriber_field
bwi_subscriber_find(struct bw_str word)
{
	int f = 0;

	while (f < BWI_SUBSCRIBER__MAX && !bw_str_is(word, fields[f].word))
		f++;
	return (enum bwi_subscriber_field)f;
}

/*
 * Keep letters, in lower case, digits, and all bytes beyond ASCII. False when
 * the value is too long.
 */
static bool
fold(struct bw_str s, struct folded *out)
{
	out->n = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c + ('a' - 'A'));
		else if (c < 0x80 && !(c >= 'a' && c <= 'z') &&
			 !(c >= '0' && c <= '9'))
			continue;
		if (out->n == sizeof(out->p))
			return false;
		out->p[out->n++] = (char)c;
	}
	return true;
}

static bool
list_has(const char *list, const char *p, size_t n)
{
	while (*list != '\0') {
		size_t len = strcspn(list, " ");

		if (len == n && memcmp(list, p, n) == 0)
			return true;
		list += len + strspn(list + len, " ");
	}
	return false;
}

static const char *
suggest_column(struct bw_str name)
{
	static const char *const names[] = {"accountnumber", "account", "lock",
	    "locked", "portoutlock", "pin", "passcode", "status",
	    "telephonenumber", "subscribername", "zipcode", "postalcode"};

	return bw_spell_suggest(name, names, sizeof(names) / sizeof(names[0]));
}

enum bwi_subscriber_field
bwi_subscriber_column(struct bw_str name, const char **meant)
{
	struct folded f;

	*meant = NULL;
	if (!fold(name, &f) || f.n > MAX_NAME)
		return BWI_SUBSCRIBER__MAX;
	for (int i = 0; i < BWI_SUBSCRIBER__MAX; i++) {
		if (list_has(fields[i].columns, f.p, f.n))
			return (enum bwi_subscriber_field)i;
	}
	*meant = suggest_column((struct bw_str){f.p, f.n});
	return BWI_SUBSCRIBER__MAX;
}

/*
 * The five digits of a ZIP. Spreadsheets drop the leading zeros of New England
 * ZIPs, so a short ZIP gets them back; "02154-1234" has four digits more.
 */
static bool
zip_digits(struct bw_str s, char out[ZIP_DIGITS])
{
	size_t n = 0, dash;

	s = bw_str_trim(s);
	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	dash = n;
	while (n < s.n && (s.p[n] == '-' || s.p[n] == ' ' ||
			      (s.p[n] >= '0' && s.p[n] <= '9')))
		n++;
	if (n < s.n || dash == 0)
		return false;
	if (dash == 8 || dash == 9) /* ZIP+4 without its dash */
		dash -= 4;
	if (dash < 3 || dash > ZIP_DIGITS)
		return false;
	memset(out, '0', ZIP_DIGITS);
	memcpy(out + ZIP_DIGITS - dash, s.p, dash);
	return true;
}

static bool
same_zip(struct bw_str a, struct bw_str b)
{
	char x[ZIP_DIGITS], y[ZIP_DIGITS];
	struct folded f, g;

	if (zip_digits(a, x) && zip_digits(b, y))
		return memcmp(x, y, sizeof(x)) == 0;
	/* A postal code of another country. */
	return fold(a, &f) && fold(b, &g) && f.n == g.n &&
	       memcmp(f.p, g.p, f.n) == 0;
}

bool
bwi_subscriber_has_value(enum bwi_subscriber_field field, struct bw_str s)
{
	struct folded f;

	if (field == BWI_SUBSCRIBER_PIN)
		return bw_str_trim(s).n > 0;
	return !fold(s, &f) || f.n > 0;
}

bool
bwi_subscriber_equal(
    enum bwi_subscriber_field field, struct bw_str a, struct bw_str b)
{
	struct folded f, g;

	a = bw_str_trim(a);
	b = bw_str_trim(b);
	if (!bwi_subscriber_has_value(field, a) ||
	    !bwi_subscriber_has_value(field, b))
		return false;
	if (field == BWI_SUBSCRIBER_PIN)
		return a.n == b.n && memeql_sec(a.p, b.p, a.n) != 0;
	if (field == BWI_SUBSCRIBER_ZIP)
		return same_zip(a, b);
	return fold(a, &f) && fold(b, &g) && f.n == g.n &&
	       memcmp(f.p, g.p, f.n) == 0;
}

static bool
is_word_of(struct bw_str s, const char *words)
{
	struct folded f;

	return fold(s, &f) && f.n > 0 && list_has(words, f.p, f.n);
}

bool
bwi_subscriber_active(const struct bwi_subscriber *s)
{
	struct bw_str status = s->field[BWI_SUBSCRIBER_STATUS];

	return status.p == NULL || is_word_of(status, "active yes true 1");
}

bool
bwi_subscriber_locked(const struct bwi_subscriber *s)
{
	struct bw_str lock = bw_str_trim(s->field[BWI_SUBSCRIBER_LOCK]);

	return lock.n > 0 &&
	       !is_word_of(lock, "no none false 0 off open unlocked");
}
