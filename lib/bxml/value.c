/*
 * The lexical types of BXML. Each is a hand-written recognizer, for speed while
 * a call waits. The pattern beside it goes into the schema; a test checks that
 * both accept the same values.
 */
#include "bxml/value.h"

#include <stdio.h>

#include <bwcallback/tools/str.h>

#include "base/utf8.h"

static bool
is_alpha(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool
bwi_bxml_is_blank(struct bw_str s)
{
	return bw_str_trim(s).n == 0;
}

/* The number of leading digits. */
static size_t
digits(struct bw_str s)
{
	size_t n = 0;

	while (n < s.n && bw_is_digit(s.p[n]))
		n++;
	return n;
}

static struct bw_str
skip(struct bw_str s, size_t n)
{
	return (struct bw_str){s.p + n, s.n - n};
}

/* The length of a leading decimal number, 0 if there is none. */
static size_t
decimal(struct bw_str s)
{
	size_t n = digits(s), fraction;

	if (n == 0 || n == s.n || s.p[n] != '.')
		return n;
	fraction = digits(skip(s, n + 1));
	return fraction != 0 ? n + 1 + fraction : n;
}

double
bwi_bxml_number(struct bw_str s)
{
	double v = 0, unit = 1;
	size_t i = 0;

	for (; i < s.n && bw_is_digit(s.p[i]); i++)
		v = v * 10 + (s.p[i] - '0');
	for (i++; i < s.n && bw_is_digit(s.p[i]); i++) {
		unit /= 10;
		v += unit * (s.p[i] - '0');
	}
	return v;
}

static bool
is_boolean(struct bw_str s)
{
	return bw_str_is(s, "true") || bw_str_is(s, "false");
}

static bool
is_integer(struct bw_str s)
{
	return s.n > 0 && digits(s) == s.n;
}

static bool
is_decimal(struct bw_str s)
{
	return s.n > 0 && decimal(s) == s.n;
}

static bool
has_space(struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (bw_is_space(s.p[i]))
			return true;
	}
	return false;
}

/* A scheme followed by at least one character. */
static bool
is_absolute(struct bw_str s, const char *plain, const char *secure)
{
	return (bw_str_begins_lower(s, plain) && s.n > strlen(plain)) ||
	       (bw_str_begins_lower(s, secure) && s.n > strlen(secure));
}

bool
bwi_bxml_is_plain_http(struct bw_str url)
{
	return bw_str_begins_lower(url, "http://");
}

static bool
is_url(struct bw_str s)
{
	size_t i = 0;

	if (s.n == 0 || has_space(s))
		return false;
	if (is_absolute(s, "http://", "https://"))
		return true;
	/* Relative: no colon before the first '/', '?' or '#'. */
	while (i < s.n && memchr(":/?#", s.p[i], 4) == NULL)
		i++;
	return i == s.n || s.p[i] != ':';
}

static bool
is_wsurl(struct bw_str s)
{
	return is_absolute(s, "ws://", "wss://") && !has_space(s);
}

static bool
is_e164(struct bw_str s)
{
	return s.n >= 3 && s.n <= 16 && s.p[0] == '+' && s.p[1] != '0' &&
	       digits(skip(s, 1)) == s.n - 1;
}

static bool
is_sip_uri(struct bw_str s)
{
	return is_absolute(s, "sip:", "sips:") && !has_space(s);
}

bool
bwi_bxml_hides_number(struct bw_str s)
{
	return bw_str_is(s, "Restricted") || bw_str_is(s, "Anonymous") ||
	       bw_str_is(s, "Private") || bw_str_is(s, "Unavailable");
}

static bool
is_caller(struct bw_str s)
{
	return is_e164(s) || bwi_bxml_hides_number(s);
}

static bool
is_callee(struct bw_str s)
{
	return is_e164(s) || is_sip_uri(s);
}

static bool
is_display(struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return true;
}

/* Does every byte fit? */
static bool
made_of(struct bw_str s, bool (*fits)(char))
{
	for (size_t i = 0; i < s.n; i++) {
		if (!fits(s.p[i]))
			return false;
	}
	return true;
}

static bool
is_id_char(char c)
{
	return !bw_is_space(c) && c != ',';
}

static bool
is_call_id(struct bw_str s)
{
	return s.n > 0 && made_of(s, is_id_char);
}

/* Does each part between commas fit, with at least one part? */
static bool
is_list(struct bw_str s, bool (*fits)(struct bw_str))
{
	for (;;) {
		const char *comma = s.n > 0 ? memchr(s.p, ',', s.n) : NULL;
		size_t n = comma != NULL ? (size_t)(comma - s.p) : s.n;

		if (!fits((struct bw_str){s.p, n}))
			return false;
		if (comma == NULL)
			return true;
		s = skip(s, n + 1);
	}
}

static bool
is_call_ids(struct bw_str s)
{
	return s.n == 0 || is_list(s, is_call_id);
}

static bool
is_name_char(char c)
{
	return is_alpha(c) || bw_is_digit(c) || c == '-' || c == '_' ||
	       c == '.';
}

static bool
is_name(struct bw_str s)
{
	return s.n > 0 && s.n <= 100 && made_of(s, is_name_char);
}

static bool
is_key(char c)
{
	return bw_is_digit(c) || c == '*' || c == '#' ||
	       (c >= 'A' && c <= 'D') || (c >= 'a' && c <= 'd');
}

static bool
is_keys(struct bw_str s)
{
	return made_of(s, is_key);
}

static bool
is_tone(char c)
{
	return is_key(c) || c == ',' || c == 'w' || c == 'W';
}

static bool
is_dtmf(struct bw_str s)
{
	return s.n > 0 && s.n <= 50 && made_of(s, is_tone);
}

static bool
is_uui_value(struct bw_str s)
{
	static const char mark[] = ";encoding=";
	const char *semicolon = s.n > 0 ? memchr(s.p, ';', s.n) : NULL;
	size_t n = semicolon != NULL ? (size_t)(semicolon - s.p) : 0;

	if (n == 0 || s.n - n < sizeof(mark) - 1 ||
	    memcmp(semicolon, mark, sizeof(mark) - 1) != 0)
		return false;
	s = skip(s, n + sizeof(mark) - 1);
	return bw_str_is(s, "base64") || bw_str_is(s, "jwt") ||
	       bw_str_is(s, "hex");
}

static bool
is_uui(struct bw_str s)
{
	return is_list(s, is_uui_value);
}

static bool
is_locale(struct bw_str s)
{
	size_t n = 0;

	while (n < s.n && is_alpha(s.p[n]))
		n++;
	if (n < 2 || n > 3)
		return false;
	while (n < s.n) {
		size_t start = n + 1;

		if (s.p[n] != '-')
			return false;
		for (n = start; n < s.n; n++) {
			if (!is_alpha(s.p[n]) && !bw_is_digit(s.p[n]))
				break;
		}
		if (n == start)
			return false;
	}
	return true;
}

static bool
is_spaced_locale(struct bw_str s)
{
	while (s.n > 0 && s.p[0] == ' ')
		s = skip(s, 1);
	while (s.n > 0 && s.p[s.n - 1] == ' ')
		s.n--;
	return is_locale(s);
}

static bool
is_locales(struct bw_str s)
{
	return s.n > 0 && s.p[0] != ' ' && s.p[s.n - 1] != ' ' &&
	       is_list(s, is_spaced_locale);
}

/* At most ten seconds. */
static bool
is_duration(struct bw_str s)
{
	size_t whole = digits(s), n = decimal(s);
	struct bw_str number = {s.p, n}, unit;

	if (n == 0)
		return false;
	unit = skip(s, n);
	if (bw_str_is(unit, "ms"))
		return n == whole && (n <= 4 || bw_str_is(number, "10000"));
	if (!bw_str_is(unit, "s"))
		return false;
	return whole == 1 ||
	       (whole == 2 && s.p[0] == '1' && bwi_bxml_number(number) == 10);
}

static bool
is_percent(struct bw_str s)
{
	size_t n = decimal(s);

	return n > 0 && bw_str_is(skip(s, n), "%");
}

static bool
is_signed(struct bw_str s)
{
	return s.n > 0 && (s.p[0] == '+' || s.p[0] == '-');
}

static bool
is_change(struct bw_str s)
{
	return is_percent(is_signed(s) ? skip(s, 1) : s);
}

static bool
is_decibel(struct bw_str s)
{
	size_t n;

	if (!is_signed(s))
		return false;
	s = skip(s, 1);
	n = decimal(s);
	return n > 0 && bw_str_is(skip(s, n), "dB");
}

#define KEYS "0-9A-Da-d*#"
#define E164 "\\+[1-9][0-9]{1,14}"
#define HIDE "Restricted|Anonymous|Private|Unavailable"
#define SIP  "[Ss][Ii][Pp][Ss]?:[^\\s]+"
#define UUI  "[^,;]+;encoding=(base64|jwt|hex)"
#define TAG  "[A-Za-z]{2,3}(-[A-Za-z0-9]+)*"
#define DEC  "[0-9]+(\\.[0-9]+)?"

/* A type without a recognizer accepts its list of words, or any text. */
static const struct {
	bool (*fits)(struct bw_str);
	const char *pattern;
	const char *allowed;
} types[BWI_BXML__TYPES] = {
    [BWI_BXML_BOOLEAN] = {is_boolean, "true|false", "true or false"},
    [BWI_BXML_INTEGER] = {is_integer, "[0-9]+", "a whole number"},
    [BWI_BXML_DECIMAL] = {is_decimal, DEC, "a number"},
    [BWI_BXML_URL] = {is_url,
	"[Hh][Tt][Tt][Pp][Ss]?://[^\\s]+|[^\\s:/?#]+([/?#][^\\s]*)?|"
	"[/?#][^\\s]*",
	"an http or https URL, or one relative to this document's"},
    [BWI_BXML_WSURL] = {is_wsurl, "[Ww][Ss][Ss]?://[^\\s]+",
	"a URL that begins with ws:// or wss://"},
    [BWI_BXML_NUMBER] = {is_e164, E164,
	"a number in E.164 form, \"+\" and 2 to 15 digits"},
    [BWI_BXML_CALLER] = {is_caller, E164 "|" HIDE,
	"a number in E.164 form, \"+\" and 2 to 15 digits, or Restricted, "
	"Anonymous, Private, Unavailable"},
    [BWI_BXML_CALLEE] = {is_callee, E164 "|" SIP,
	"a number in E.164 form, \"+\" and 2 to 15 digits, or a SIP URI"},
    [BWI_BXML_SIP_URI] = {is_sip_uri, SIP, "a SIP URI, sip:user@host"},
    [BWI_BXML_DISPLAY] = {is_display, "[^&#x9;&#xA;&#xD;&#x7F;]*",
	"a name without control characters"},
    [BWI_BXML_CALL_ID] = {is_call_id, "[^\\s,]+", "one callId"},
    [BWI_BXML_CALL_IDS] = {is_call_ids, "([^\\s,]+(,[^\\s,]+)*)?",
	"callIds separated by commas"},
    [BWI_BXML_NAME] = {is_name, "[A-Za-z0-9._\\-]{1,100}",
	"1 to 100 letters, digits, '-', '_' and '.'"},
    [BWI_BXML_KEYS] = {is_keys, "[" KEYS "]*", "keys, 0-9, *, # and A-D"},
    [BWI_BXML_DTMF] = {is_dtmf, "[" KEYS ",wW]{1,50}",
	"1 to 50 of the keys 0-9, *, #, A-D and the pauses ',', 'w' and 'W'"},
    [BWI_BXML_UUI] = {is_uui, UUI "(," UUI ")*",
	"value;encoding=base64, jwt or hex, several separated by commas"},
    [BWI_BXML_LOCALE] = {is_locale, TAG, "a language such as en-US"},
    [BWI_BXML_LOCALES] = {is_locales, TAG "( *, *" TAG ")*",
	"languages such as en-US,es-US"},
    [BWI_BXML_DURATION] = {is_duration,
	"([0-9](\\.[0-9]+)?|10(\\.0+)?)s|([0-9]{1,4}|10000)ms",
	"a time up to 10s or 10000ms, with its unit"},
    [BWI_BXML_PERCENT] = {is_percent, DEC "%", "a percentage"},
    [BWI_BXML_CHANGE] = {is_change, "[+\\-]?" DEC "%",
	"a change in percent, +10%"},
    [BWI_BXML_DECIBEL] = {is_decibel, "[+\\-]" DEC "dB",
	"a change in decibels, +6dB or -6dB"},
};

const char *
bwi_bxml_type_pattern(enum bwi_bxml_type type)
{
	return types[type].pattern;
}

static bool
length_ok(const struct bwi_bxml_attr *a, struct bw_str s)
{
	size_t n = 0;

	/* A text has at most as many characters as bytes. */
	if (s.n < a->length_min)
		return false;
	if (a->length_max == 0 || (s.n <= a->length_max && a->length_min <= 1))
		return true;
	for (size_t i = 0; i < s.n; n++) {
		uint32_t cp;
		size_t len = bwi_utf8_next(s.p + i, s.n - i, &cp);

		i += len > 0 ? len : 1;
	}
	return n >= a->length_min && n <= a->length_max;
}

static bool
range_ok(const struct bwi_bxml_attr *a, struct bw_str s)
{
	double v;

	if (!a->ranged)
		return true;
	v = bwi_bxml_number(s);
	return v >= a->min && v <= a->max;
}

bool
bwi_bxml_form_ok(const struct bwi_bxml_attr *a, struct bw_str s)
{
	bool (*fits)(struct bw_str) = types[a->type].fits;

	if (a->words != NULL && bwi_bxml_word(a->words, s) != NULL)
		return true;
	if (fits == NULL)
		return a->words == NULL && length_ok(a, s);
	return fits(s) && range_ok(a, s) && length_ok(a, s);
}

bool
bwi_bxml_url_kind(
    const struct bwi_bxml_attr *a, struct bw_str s, enum bw_url_kind *kind)
{
	*kind = a->type == BWI_BXML_URL	    ? BW_URL_HTTP
		: a->type == BWI_BXML_WSURL ? BW_URL_WS
					    : BW_URL_SIP;
	return a->type == BWI_BXML_URL || a->type == BWI_BXML_WSURL ||
	       a->type == BWI_BXML_SIP_URI ||
	       (a->type == BWI_BXML_CALLEE && is_absolute(s, "sip:", "sips:"));
}

bool
bwi_bxml_value_ok(const struct bwi_bxml_attr *a, struct bw_str s)
{
	char why[BW_URL_WHY_SIZE];
	enum bw_url_kind kind;

	return bwi_bxml_form_ok(a, s) &&
	       (!bwi_bxml_url_kind(a, s, &kind) || bw_url_check(kind, s, why));
}

/* The most bytes of a list of words; a longer one is cut between two words. */
#define MAX_WORDS 200

/* Append as much as fits. */
static void
add(char *text, const char *s)
{
	size_t n = strlen(text);

	(void)snprintf(text + n, BWI_BXML_ALLOWED_SIZE - n, "%s", s);
}

/* The number of words that fit. */
static size_t
words_shown(const struct bwi_bxml_words *list)
{
	size_t n = 0, bytes = 0;

	while (n < list->n && bytes <= MAX_WORDS)
		bytes += strlen(list->words[n++].name) + strlen(", ");
	return bytes > MAX_WORDS ? n - 1 : n;
}

static void
add_words(char *text, const struct bwi_bxml_words *list)
{
	size_t n = words_shown(list);

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			add(text, i + 1 < list->n ? ", " : " or ");
		add(text, list->words[i].name);
	}
	if (n < list->n)
		add(text, ", ... (bxml(7) has all of them)");
}

static void
add_length(char *text, const struct bwi_bxml_attr *a)
{
	const char *what = text[0] != '\0' ? ", " : "text of ";
	char length[80] = "";

	if (a->length_max > 0 && a->length_min > 0)
		(void)snprintf(length, sizeof(length),
		    "%s%zu to %zu characters", what, a->length_min,
		    a->length_max);
	else if (a->length_max > 0)
		(void)snprintf(length, sizeof(length),
		    "%sat most %zu characters", what, a->length_max);
	else if (a->length_min > 0)
		(void)snprintf(length, sizeof(length),
		    "%sat least %zu character", what, a->length_min);
	add(text, length);
}

void
bwi_bxml_value_allowed(
    const struct bwi_bxml_attr *a, char text[BWI_BXML_ALLOWED_SIZE])
{
	const char *allowed = types[a->type].allowed;
	char range[64];

	text[0] = '\0';
	if (a->words != NULL)
		add_words(text, a->words);
	if (a->words != NULL && allowed != NULL)
		add(text, ", or ");
	if (allowed != NULL)
		add(text, allowed);
	if (a->ranged) {
		(void)snprintf(
		    range, sizeof(range), " from %g to %g", a->min, a->max);
		add(text, range);
	}
	if (a->unit != NULL)
		add(text, strcmp(a->unit, "ms") == 0 ? " (milliseconds)"
						     : " (seconds)");
	/* These two have their length in the text already. */
	if (a->type != BWI_BXML_NAME && a->type != BWI_BXML_DTMF)
		add_length(text, a);
}
