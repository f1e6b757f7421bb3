/* Checks of option values, by the names of their arguments. */
#include "options/option.h"

#include <string.h>
#include <strings.h>

#define DIGITS "0123456789"

/* Bounds for the digits of a number: 911, and E.164. */
#define MIN_DIGITS 3
#define MAX_DIGITS 15

static bool
is_printable(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s <= ' ' || *s == 0x7f)
			return false;
	}
	return true;
}

/* An http or https URL with a host, or a reference without a scheme. */
static bool
is_url(const char *s)
{
	size_t scheme = strcspn(s, ":/?#");

	if (*s == '\0' || !is_printable(s))
		return false;
	if (s[scheme] != ':')
		return true;
	if (strncasecmp(s, "http://", 7) == 0)
		return strcspn(s + 7, "/?#") > 0;
	return strncasecmp(s, "https://", 8) == 0 && strcspn(s + 8, "/?#") > 0;
}

static bool
is_store(const char *s)
{
	static const char id[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	size_t scheme = strcspn(s, ":");

	if (s[scheme] == '\0')
		return scheme > 0 && s[strspn(s, id)] == '\0';
	return scheme > 0 && s[scheme + 1] != '\0';
}

static bool
has_digits(const char *s, size_t least, size_t most)
{
	size_t n = strspn(s, DIGITS);

	return s[n] == '\0' && n >= least && n <= most;
}

static bool
is_sip(const char *s)
{
	const char *address = strncasecmp(s, "sip:", 4) == 0	? s + 4
			      : strncasecmp(s, "sips:", 5) == 0 ? s + 5
								: "";

	return *address != '\0' && is_printable(address);
}

/* As Bandwidth sends numbers: E.164, short, SIP, or withheld. */
static bool
is_number(const char *s)
{
	static const char *const withheld[] = {
	    "Private", "Restricted", "Unavailable", "Anonymous"};

	for (size_t i = 0; i < sizeof(withheld) / sizeof(withheld[0]); i++) {
		if (strcasecmp(s, withheld[i]) == 0)
			return true;
	}
	if (*s == '+')
		return has_digits(s + 1, MIN_DIGITS, MAX_DIGITS);
	return is_sip(s) || has_digits(s, MIN_DIGITS, 6);
}

/* A number in any notation. */
static bool
is_any_number(const char *s)
{
	size_t n = 0;

	for (const char *p = s; *p != '\0'; p++)
		n += strchr(DIGITS, *p) != NULL;
	return is_sip(s) ||
	       (n >= MIN_DIGITS && s[strspn(s, DIGITS "+-.() */")] == '\0');
}

static bool
is_order_number(const char *s)
{
	return has_digits(s, 10, 10) ||
	       (strncmp(s, "+1", 2) == 0 && has_digits(s + 2, 10, 10));
}

static bool
is_tollfree(const char *s)
{
	static const char *const codes[] = {
	    "800", "833", "844", "855", "866", "877", "888"};

	if (strncmp(s, "+1", 2) != 0 || !has_digits(s + 2, 10, 10))
		return false;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strncmp(s + 2, codes[i], 3) == 0)
			return true;
	}
	return false;
}

const struct option_value option_order_number = {
    NULL, is_order_number, "10 digits, or +1 and 10 digits", "+1919"};
const struct option_value option_tollfree_number = {NULL, is_tollfree,
    "a toll-free number such as +18885550100", "+19195550100"};
const struct option_value option_store = {NULL, is_store,
    "a store such as sqlite:PATH, or the id of a <store>", "/no/store"};

/* Without a check, any text is a value. */
static const struct option_value values[] = {
    {"URL", is_url, "an http or https URL with a host, or a path",
	"ftp://example.com"},
    {"NUMBER", is_number,
	"a number such as +19195550100, a SIP URI or Anonymous", "impossible"},
    {"N", is_any_number, "a number", "impossible"},
    {.argument = "ADDRESS"},
    {.argument = "CALL"},
    {.argument = "CODE"},
    {.argument = "FILE"},
    {.argument = "FILE|syslog"},
    {.argument = "ID"},
    {.argument = "NAME"},
    {.argument = "PATH"},
    {.argument = "PIN"},
    {.argument = "S"},
    {.argument = "SENDER"},
    {.argument = "T"},
    {.argument = "TEXT"},
    {.argument = "TYPE"},
    {.argument = "WHOM"},
};

static bool
takes_text(const struct option_row *row)
{
	return row->kind == OPTION_TEXT || row->kind == OPTION_STR ||
	       row->kind == OPTION_LIST;
}

const struct option_value *
option_value_of(const struct option_row *row)
{
	if (!takes_text(row) || option_word(row, 0).p != NULL)
		return NULL;
	if (row->value != NULL)
		return row->value;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strcmp(row->argument, values[i].argument) == 0)
			return &values[i];
	}
	return NULL;
}
