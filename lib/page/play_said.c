/* The transcript of a call that is played. */
#include "page/play_said.h"

#include <bwcallback/tools/str.h>

#include "base/decimal.h"
#include "base/str.h"
#include "page/play_line.h"

#define MAX_SHOWN 2048

/* "0:08" */
static void
put_clock(struct bwi_html *h, const struct bwi_play_lines *l)
{
	int64_t ms = 0;

	(void)bwi_decimal_parse(bwi_play_member(l, "t"), INT64_MAX, &ms);
	bwi_html_class(h, "span", "k");
	bwi_html_printf(h, "%lld:%02lld ", (long long)(ms / 60000),
	    (long long)(ms / 1000 % 60));
	bwi_html_end(h);
}

static void
put_member(struct bwi_html *h, const struct bwi_play_lines *l, const char *name)
{
	bwi_html_tag(h, "bdi");
	bwi_html_cut(h, bwi_play_member(l, name), MAX_SHOWN);
	bwi_html_end(h);
}

static void
put_quoted(struct bwi_html *h, const struct bwi_play_lines *l)
{
	bwi_html_puts(h, "\xe2\x80\x9c");
	put_member(h, l, "text");
	bwi_html_puts(h, "\xe2\x80\x9d");
}

static void
put_key(struct bwi_html *h, const struct bwi_play_lines *l)
{
	bwi_html_tag(h, "kbd");
	bwi_html_text(h, bwi_play_member(l, "text"));
	bwi_html_end(h);
}

/* "gather /voice/menu, line 99: 200" */
static void
put_request(struct bwi_html *h, const struct bwi_play_lines *l)
{
	struct bw_str url = bwi_play_member(l, "ask.url");
	static const char host[] = "https://flow.invalid";

	if (bw_str_begins(url, BW_STR(host))) {
		url.p += sizeof(host) - 1;
		url.n -= sizeof(host) - 1;
	}
	put_member(h, l, "name");
	bwi_html_puts(h, " ");
	bwi_html_tag(h, "code");
	bwi_html_cut(h, url, MAX_SHOWN);
	bwi_html_end(h);
	if (bwi_play_member(l, "reply.line").p != NULL) {
		bwi_html_puts(h, " line ");
		put_member(h, l, "reply.line");
	}
	bwi_html_puts(h, ": ");
	put_member(h, l, "reply.status");
}

static void
put_event(struct bwi_view *v, const struct bwi_play_lines *l)
{
	struct bwi_html *h = &v->html;

	put_request(h, l);
	if (!bwi_play_is(l, "reply.fallback", "true"))
		return;
	bwi_html_puts(h, " ");
	bwi_view_state(v, BWI_STATE_BAD, "fallback");
	bwi_html_puts(h, " ");
	put_member(h, l, "reply.reason");
}

static void
put_two(struct bwi_html *h, const struct bwi_play_lines *l)
{
	put_member(h, l, "name");
	bwi_html_puts(h, " ");
	put_member(h, l, "text");
}

static void
put_finding(struct bwi_view *v, const struct bwi_play_lines *l)
{
	bwi_view_state(v, BWI_STATE_BAD, "wrong");
	bwi_html_puts(&v->html, " ");
	put_member(&v->html, l, "finding.text");
}

/* Does the line tell something that others do not? */
static bool
is_shown(const struct bwi_play_lines *l)
{
	static const char *const kinds[] = {"said", "played", "key", "talked",
	    "silence", "deed", "later", "state", "wrong", "end", "refused",
	    "cut"};
	static const char *const seen[] = {
	    "SpeakSentence", "PlayAudio", "Gather", "Redirect"};
	struct bw_str kind = bwi_play_member(l, "kind");

	if (bw_str_is(kind, "asked"))
		return !bwi_play_is(l, "reply.status", "401");
	if (bw_str_is(kind, "verb")) {
		for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
			if (bwi_play_is(l, "name", seen[i]))
				return false;
		}
		return true;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (bw_str_is(kind, kinds[i]))
			return true;
	}
	return false;
}

static void
put_line(struct bwi_view *v, const struct bwi_play_lines *l)
{
	struct bwi_html *h = &v->html;
	struct bw_str kind = bwi_play_member(l, "kind");

	if (bw_str_is(kind, "asked")) {
		put_event(v, l);
	} else if (bw_str_is(kind, "said")) {
		put_quoted(h, l);
	} else if (bw_str_is(kind, "talked")) {
		bwi_html_puts(h, "you say ");
		put_quoted(h, l);
	} else if (bw_str_is(kind, "key")) {
		put_key(h, l);
	} else if (bw_str_is(kind, "wrong")) {
		put_finding(v, l);
	} else if (bw_str_is(kind, "silence")) {
		bwi_html_puts(h, "silence, until ");
		put_member(h, l, "name");
	} else if (bw_str_is(kind, "end")) {
		bwi_html_puts(h, "the call ends: ");
		put_two(h, l);
	} else {
		put_two(h, l);
	}
}

void
bwi_play_said_put(struct bwi_view *v, struct bw_str text)
{
	struct bwi_html *h = &v->html;
	struct bwi_play_lines l;

	bwi_play_lines_init(&l, text);
	bwi_html_tag(h, "div");
	bwi_html_attr_puts(h, "role", "log");
	bwi_html_attr_puts(h, "aria-label", "What is said");
	bwi_html_class(h, "ol", "said");
	while (bwi_play_lines_next(&l)) {
		if (!is_shown(&l))
			continue;
		bwi_html_tag(h, "li");
		if (bwi_play_is(&l, "kind", "said"))
			bwi_html_attr_puts(h, "class", "words");
		put_clock(h, &l);
		put_line(v, &l);
		bwi_html_end(h);
	}
	bwi_html_end(h);
	bwi_html_end(h);
	bwi_play_lines_free(&l);
}
