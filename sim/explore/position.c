/* Positions of calls in an application. */
#include <string.h>

#include <bwcallback/tools/hash.h>

#include "sim/base/hash.h"
#include "sim/explore/position.h"

/* Hash the tags of a document: verbs and attributes, not text. */
static uint64_t
number_shape(struct bw_str body)
{
	uint64_t h = BW_HASH_START;

	while (body.n > 0) {
		const char *open = memchr(body.p, '<', body.n), *close;
		struct bw_str tag;

		if (open == NULL)
			break;
		body.n -= (size_t)(open - body.p);
		body.p = open;
		close = memchr(body.p, '>', body.n);
		tag = (struct bw_str){
		    body.p, close != NULL ? (size_t)(close - body.p) : body.n};
		h = sim_hash_text(h, tag);
		body.p += tag.n;
		body.n -= tag.n;
	}
	return h;
}

static void
copy(char *to, size_t size, const char *from, size_t n)
{
	if (n >= size)
		n = size - 1;
	memcpy(to, from, n);
	to[n] = '\0';
}

/* The path of a URL. */
static void
copy_path(char *to, size_t size, const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host != NULL ? strchr(host + 3, '/') : url;

	if (path == NULL)
		path = "/";
	copy(to, size, path, strcspn(path, "?#"));
}

void
sim_position_set(struct sim_position *s, const char *event, const char *url,
    const struct sim_reply *reply)
{
	*s = (struct sim_position){.shape = BW_HASH_START};
	copy(s->event, sizeof(s->event), event, strlen(event));
	if (url != NULL)
		copy_path(s->path, sizeof(s->path), url);
	if (reply == NULL)
		return;
	if (reply->rule_file != NULL) {
		copy(s->file, sizeof(s->file), reply->rule_file,
		    strlen(reply->rule_file));
		s->line = reply->rule_line;
	}
	s->shape = number_shape((struct bw_str){reply->body.p, reply->body.n});
}

bool
sim_position_same(const struct sim_position *a, const struct sim_position *b)
{
	if (strcmp(a->file, b->file) != 0 || a->line != b->line)
		return false;
	return *a->file != '\0' || (strcmp(a->path, b->path) == 0 &&
				       strcmp(a->event, b->event) == 0);
}

uint64_t
sim_position_number(const struct sim_position *s)
{
	uint64_t h = BW_HASH_START;

	h = sim_hash_text(h, (struct bw_str){s->event, strlen(s->event)});
	h = sim_hash_text(h, (struct bw_str){s->path, strlen(s->path)});
	h = sim_hash_int(h, (uint64_t)s->line);
	return sim_hash_int(h, s->shape);
}

void
sim_position_write(const struct sim_position *s, struct bw_buf *b)
{
	bw_buf_puts(b, *s->event != '\0' ? s->event : "the call");
	if (*s->path != '\0') {
		bw_buf_puts(b, " to ");
		bw_buf_puts(b, s->path);
	}
	if (*s->file != '\0')
		bw_buf_printf(b, " (%s:%d)", s->file, s->line);
}
