/* Parameters of addresses and forms (application/x-www-form-urlencoded). */
#include "page/params.h"

#include <bwcallback/limits.h>

#include "base/hex.h"

void
bwi_params_decode(struct bw_buf *b, struct bw_str s, bool form)
{
	for (size_t i = 0; i < s.n; i++) {
		int high, low;

		if (form && s.p[i] == '+') {
			bw_buf_putc(b, ' ');
			continue;
		}
		high = s.p[i] == '%' && i + 2 < s.n ? bwi_hex_digit(s.p[i + 1])
						    : -1;
		low = high >= 0 ? bwi_hex_digit(s.p[i + 2]) : -1;
		if (low < 0) {
			bw_buf_putc(b, s.p[i]);
			continue;
		}
		bw_buf_putc(b, (char)(high * 16 + low));
		i += 2;
	}
}

/* The bytes up to a separator, which is removed. */
static struct bw_str
take_until(struct bw_str *rest, char separator)
{
	const char *end =
	    rest->n > 0 ? memchr(rest->p, separator, rest->n) : NULL;
	size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
	struct bw_str part = {rest->p, n};

	n += end != NULL;
	*rest = (struct bw_str){rest->p + n, rest->n - n};
	return part;
}

static bool
add_pair(struct bwi_params *p, struct bw_str pair)
{
	struct bw_str value = pair, name = take_until(&value, '=');

	if (p->n == BWI_PARAMS_MAX)
		return false;
	p->v[p->n].name = p->text.n;
	bwi_params_decode(&p->text, name, true);
	p->v[p->n].name_n = p->text.n - p->v[p->n].name;
	p->v[p->n].value = p->text.n;
	bwi_params_decode(&p->text, value, true);
	p->v[p->n].value_n = p->text.n - p->v[p->n].value;
	p->n++;
	return true;
}

bool
bwi_params_init(struct bwi_params *p, struct bw_str query)
{
	p->n = 0;
	bw_buf_init(&p->text, BW_MAX_URI);
	while (query.n > 0) {
		struct bw_str pair = take_until(&query, '&');

		if (pair.n > 0 && !add_pair(p, pair))
			return false;
	}
	return p->text.err == BW_OK;
}

void
bwi_params_free(struct bwi_params *p)
{
	bw_buf_free(&p->text);
	p->n = 0;
}

struct bw_str
bwi_params_name(const struct bwi_params *p, size_t i)
{
	return (struct bw_str){
	    p->v[i].name_n > 0 ? p->text.p + p->v[i].name : "", p->v[i].name_n};
}

struct bw_str
bwi_params_value(const struct bwi_params *p, size_t i)
{
	return (struct bw_str){
	    p->v[i].value_n > 0 ? p->text.p + p->v[i].value : "",
	    p->v[i].value_n};
}

struct bw_str
bwi_params_get(const struct bwi_params *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++) {
		if (bw_str_is(bwi_params_name(p, i), name))
			return bwi_params_value(p, i);
	}
	return (struct bw_str){NULL, 0};
}
