/*
 * Lines and columns for findings. libxml2 records neither columns nor where a
 * tag begins, so a position is found by scanning the text, which is known to be
 * well-formed. Only findings need it.
 */
#include <bwcallback/tools/str.h>

#include "base/source_position.h"

/* The position after a byte. Columns count characters. */
static struct bwi_source_position
advance(struct bwi_source_position at, char c)
{
	if (c == '\n')
		return (struct bwi_source_position){at.line + 1, 1};
	at.column += ((unsigned char)c & 0xc0) != 0x80;
	return at;
}

struct bwi_source_position
bwi_source_position_of(struct bw_str source, size_t offset)
{
	struct bwi_source_position at = {1, 1};

	for (size_t i = 0; i < offset && i < source.n; i++)
		at = advance(at, source.p[i]);
	return at;
}

struct bw_str
bwi_source_from(struct bw_str source, struct bwi_source_position at)
{
	struct bwi_source_position here = {1, 1};
	size_t i = 0;

	while (i < source.n &&
	       (here.line < at.line ||
		   (here.line == at.line && here.column < at.column)))
		here = advance(here, source.p[i++]);
	return (struct bw_str){source.p + i, source.n - i};
}

struct bwi_source_position
bwi_source_position_before(
    struct bw_str source, struct bwi_source_position at, char mark)
{
	struct bwi_source_position here = {1, 1}, found = at;

	for (size_t i = 0; i < source.n; i++) {
		if (here.line > at.line ||
		    (here.line == at.line && here.column >= at.column))
			break;
		if (source.p[i] == mark)
			found = here;
		here = advance(here, source.p[i]);
	}
	return found;
}

static bool
begins(struct bw_str s, size_t i, const char *with)
{
	size_t n = strlen(with);

	return n <= s.n - i && memcmp(s.p + i, with, n) == 0;
}

/* The offset after the next occurrence of end, or the length of the text. */
static size_t
after(struct bw_str s, size_t i, const char *end)
{
	size_t n = strlen(end);

	for (; i + n <= s.n; i++) {
		if (memcmp(s.p + i, end, n) == 0)
			return i + n;
	}
	return s.n;
}

static size_t
spaces(struct bw_str s, size_t i)
{
	while (i < s.n && bw_is_space(s.p[i]))
		i++;
	return i;
}

static size_t
name_end(struct bw_str s, size_t i)
{
	while (
	    i < s.n && !bw_is_space(s.p[i]) && memchr("=/>", s.p[i], 3) == NULL)
		i++;
	return i;
}

/* The offset after the tag whose name ends at i; *found: where attr begins. */
static size_t
scan_tag(struct bw_str s, size_t i, const char *attr, size_t *found)
{
	for (;;) {
		size_t start, end;

		i = spaces(s, i);
		if (i >= s.n || s.p[i] == '>')
			return i < s.n ? i + 1 : s.n;
		if (s.p[i] == '/') {
			i++;
			continue;
		}
		start = i;
		end = name_end(s, i);
		if (attr != NULL &&
		    bw_str_is((struct bw_str){s.p + start, end - start}, attr))
			*found = start;
		i = spaces(s, end);
		if (i >= s.n || s.p[i] != '=')
			return s.n;
		i = spaces(s, i + 1);
		if (i >= s.n)
			return s.n;
		i = after(s, i + 1, s.p[i] == '"' ? "\"" : "'");
	}
}

struct bwi_source_position
bwi_bxml_source_position(struct bw_str s, size_t n, const char *attr)
{
	const struct bwi_source_position nowhere = {0, 0};
	size_t i = 0;

	while (i < s.n) {
		const char *open = memchr(s.p + i, '<', s.n - i);
		size_t found;

		if (open == NULL)
			return nowhere;
		i = (size_t)(open - s.p);
		found = i;
		if (begins(s, i, "<!--")) {
			i = after(s, i + 4, "-->");
		} else if (begins(s, i, "<![CDATA[")) {
			i = after(s, i, "]]>");
		} else if (begins(s, i, "<?")) {
			i = after(s, i, "?>");
		} else if (begins(s, i, "</") || begins(s, i, "<!")) {
			i = after(s, i, ">");
		} else {
			i = scan_tag(s, name_end(s, i + 1), attr, &found);
			if (n-- == 0)
				return bwi_source_position_of(s, found);
		}
	}
	return nowhere;
}
