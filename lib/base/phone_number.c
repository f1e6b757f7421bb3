#include "base/phone_number.h"

/* E.164 allows 15 digits; country code and number have at least 7. */
#define MIN_DIGITS 7
#define MAX_DIGITS 15

/* The range of North American numbers: +1 and ten digits. */
#define NANP_FIRST UINT64_C(12000000000)
#define NANP_LAST  UINT64_C(19999999999)

static bool
is_separator(char c)
{
	return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')';
}

static bool
is_nanp(uint64_t n)
{
	return n >= NANP_FIRST && n <= NANP_LAST;
}

/*
 * Copy the digits, skipping separators. Returns their number, or more than
 * MAX_DIGITS when the text is not a telephone number.
 */
static size_t
take_digits(struct bw_str s, char digits[MAX_DIGITS + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n <= MAX_DIGITS; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			digits[n++] = s.p[i];
		else if (!is_separator(s.p[i]))
			return MAX_DIGITS + 1;
	}
	return n;
}

bool
bwi_phone_number_parse(struct bw_str s, uint64_t *number)
{
	bool plus = s.n > 0 && s.p[0] == '+';
	char digits[MAX_DIGITS + 1];
	size_t n = take_digits((struct bw_str){s.p + plus, s.n - plus}, digits);
	uint64_t value = n == 10 && !plus ? 1 : 0;

	if (n < MIN_DIGITS || n > MAX_DIGITS)
		return false;
	/* Without a plus: ten digits, or eleven with the country code. */
	if (!plus && n != 10 && (n != 11 || digits[0] != '1'))
		return false;
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (uint64_t)(digits[i] - '0');
	*number = value;
	if (!plus || digits[0] == '1')
		return is_nanp(value);
	return digits[0] != '0'; /* no country code begins with 0 */
}

void
bwi_phone_number_write(uint64_t number, struct bw_buf *b)
{
	bw_buf_putc(b, '+');
	bw_buf_int(b, (long long)number);
}

void
bwi_phone_number_write_short(uint64_t number, struct bw_buf *b)
{
	if (is_nanp(number))
		bw_buf_int(b, (long long)(number - UINT64_C(10000000000)));
	else
		bwi_phone_number_write(number, b);
}
