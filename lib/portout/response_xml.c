#include "portout/response_xml.h"

#include "base/utf8.h"

#define MAX_PON 25

#define HEAD(portable) \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
	"<PortOutValidationResponse><Portable>" portable "</Portable>"
#define TAIL "</PortOutValidationResponse>\n"
#define ERROR_TAIL \
	"<Errors><Error><Code>7598</Code><Description>The request could not " \
	"be checked</Description></Error></Errors>" TAIL

static const struct {
	int code;
	const char *text;
} reasons[] = {
#define X(code, text) {code, text},
#include "portout/portout.def"
#undef X
};

const char *
bwi_portout_verdict_reason(int64_t code)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].code == code)
			return reasons[i].text;
	}
	return NULL;
}

static bool
finish(struct bwi_portout_verdict *v, struct bwi_arena *arena,
    const struct bw_buf *b)
{
	struct bw_buf whole;

	if (b->err != BW_OK)
		return false;
	v->tail = bwi_arena_copy(arena, (struct bw_str){b->p, b->n});
	bw_buf_init(&whole, v->head.n + v->tail.n);
	bw_buf_str(&whole, v->head);
	bw_buf_str(&whole, v->tail);
	if (whole.err == BW_OK)
		v->whole =
		    bwi_arena_copy(arena, (struct bw_str){whole.p, whole.n});
	bw_buf_free(&whole);
	return v->tail.p != NULL && v->whole.p != NULL;
}

bool
bwi_portout_verdict_make(struct bwi_portout_verdict *v, struct bwi_arena *arena,
    int code, struct bw_str description)
{
	struct bw_buf b;
	bool good;

	*v = (struct bwi_portout_verdict){
	    .head = code == 0 ? BW_STR(HEAD("true")) : BW_STR(HEAD("false"))};
	bw_buf_init(&b, 4096 + description.n * 6);
	if (code != 0) {
		bw_buf_printf(
		    &b, "<Errors><Error><Code>%d</Code><Description>", code);
		bw_buf_xml(&b, description);
		bw_buf_puts(&b, "</Description></Error></Errors>");
	}
	bw_buf_puts(&b, TAIL);
	good = finish(v, arena, &b);
	bw_buf_free(&b);
	return good;
}

const struct bwi_portout_verdict *
bwi_portout_verdict_deny(void)
{
	static const struct bwi_portout_verdict deny = {
	    .head = {HEAD("false"), sizeof(HEAD("false")) - 1},
	    .tail = {ERROR_TAIL, sizeof(ERROR_TAIL) - 1},
	    .whole = {HEAD("false") ERROR_TAIL,
		sizeof(HEAD("false") ERROR_TAIL) - 1},
	};

	return &deny;
}

bool
bwi_portout_verdict_fits(struct bw_str s, size_t max)
{
	size_t i = 0, characters = 0;

	while (i < s.n && characters <= max) {
		uint32_t cp;
		size_t len = bwi_utf8_next(s.p + i, s.n - i, &cp);

		i += len != 0 ? len : 1;
		characters++;
	}
	return s.n != 0 && characters <= max;
}

static void
put_pon(struct bw_buf *out, struct bw_str pon)
{
	if (!bwi_portout_verdict_fits(pon, MAX_PON))
		return;
	bw_buf_puts(out, "<PON>");
	bw_buf_xml(out, pon);
	bw_buf_puts(out, "</PON>");
}

void
bwi_portout_verdict_write(
    const struct bwi_portout_verdict *v, struct bw_str pon, struct bw_buf *out)
{
	bw_buf_str(out, v->head);
	put_pon(out, pon);
	bw_buf_str(out, v->tail);
}

void
bwi_portout_verdict_begin(struct bw_buf *out, bool portable, struct bw_str pon)
{
	bw_buf_str(
	    out, portable ? BW_STR(HEAD("true")) : BW_STR(HEAD("false")));
	put_pon(out, pon);
}

void
bwi_portout_verdict_end(struct bw_buf *out)
{
	bw_buf_puts(out, TAIL);
}
