/* A record of the spool: bytes of an event, and back. */
#include "store/spool_record.h"

#include <nettle/sha2.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "store/event_strings.h"

#define HEADER BWI_SPOOL_HEADER
#define MARK   '\377' /* after "BWS" in the content */
#define SUM    SHA256_DIGEST_SIZE
#define FIXED  32 /* four numbers, before the strings */
#define ANSWER 24 /* four numbers, before the strings of an answer */

static void
put_number(struct bw_buf *b, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		bw_buf_putc(b, (char)(unsigned char)(v >> (8 * i)));
}

static uint64_t
get_number(const unsigned char *p, int bytes)
{
	uint64_t v = 0;

	for (int i = bytes; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

static void
checksum(const void *p, size_t n, uint8_t sum[SUM])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, n, p);
	sha256_digest(&ctx, SUM, sum);
}

static void
put_string(struct bw_buf *b, struct bw_str s)
{
	put_number(b, s.p != NULL ? s.n : UINT32_MAX, 4);
	if (s.p != NULL)
		bw_buf_str(b, s);
}

/*
 * Append the content of a record, with a byte after each "BWS", so that it
 * never contains the magic of another record.
 */
static void
put_marked(struct bw_buf *b, const struct bw_buf *content)
{
	size_t from = 0;

	for (size_t i = 3; i <= content->n; i++) {
		if (memcmp(content->p + i - 3, "BWS", 3) == 0) {
			bw_buf_add(b, content->p + from, i - from);
			bw_buf_putc(b, MARK);
			from = i;
		}
	}
	if (content->n > from)
		bw_buf_add(b, content->p + from, content->n - from);
}

/* Remove these bytes again, in place. Returns the new length. */
static size_t
remove_marks(char *p, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		p[to++] = p[i];
		if (to >= 3 && i + 1 < n && p[i + 1] == MARK &&
		    memcmp(p + to - 3, "BWS", 3) == 0)
			i++;
	}
	return to;
}

/* An answer that is known beforehand ends the record. */
static void
put_answer(struct bw_buf *b, const struct bw_store_answer *a)
{
	put_number(b, (uint64_t)a->status, 4);
	put_number(b, a->fallback, 4);
	put_number(b, (uint64_t)a->answered, 8);
	put_number(b, (uint64_t)a->duration, 8);
	put_string(b, a->content_type);
	put_string(b, a->body);
	put_string(b, a->trace);
}

static void
put_content(struct bw_buf *b, const struct bw_store_event *e)
{
	put_number(b, (uint64_t)e->received, 8);
	put_number(b, (uint64_t)e->window, 8);
	put_number(b, (uint64_t)e->batch, 8);
	put_number(b, (uint64_t)e->index, 8);
#define X(name) put_string(b, e->name);
	BWI_STORE_EVENT_STRINGS(X)
#undef X
	if (e->answer.status != 0)
		put_answer(b, &e->answer);
}

void
bwi_spool_record_put(struct bw_buf *b, const struct bw_store_event *e)
{
	size_t start = b->n, n;
	uint8_t head[HEADER] = "BWSR";
	struct bw_buf content;

	bw_buf_init(&content, BWI_SPOOL_MAX_RECORD);
	put_content(&content, e);
	bw_buf_add(b, (const char *)head, sizeof(head));
	put_marked(b, &content);
	if (content.err != BW_OK && b->err == BW_OK)
		b->err = content.err;
	bw_buf_free(&content);
	if (b->err != BW_OK)
		return;
	n = b->n - start - HEADER;
	if (n > BWI_SPOOL_MAX_RECORD) {
		b->err = BW_ERR_LIMIT;
		return;
	}
	for (int i = 0; i < 4; i++)
		head[4 + i] = (uint8_t)(n >> (8 * i));
	checksum(b->p + start + HEADER, n, head + 8);
	memcpy(b->p + start, head, HEADER);
}

/* Read position in a record. */
struct cursor {
	const unsigned char *p;
	size_t n;
};

static bool
get_string(struct cursor *c, struct bw_str *out)
{
	uint64_t n;

	if (c->n < 4)
		return false;
	n = get_number(c->p, 4);
	c->p += 4;
	c->n -= 4;
	if (n == UINT32_MAX)
		return true;
	if (n > c->n)
		return false;
	*out = (struct bw_str){(const char *)c->p, (size_t)n};
	c->p += n;
	c->n -= (size_t)n;
	return true;
}

static bool
get_answer(struct cursor *c, struct bw_store_answer *a)
{
	if (c->n < ANSWER)
		return false;
	*a = (struct bw_store_answer){
	    .status = (int)get_number(c->p, 4),
	    .fallback = get_number(c->p + 4, 4) != 0,
	    .answered = (int64_t)get_number(c->p + 8, 8),
	    .duration = (int64_t)get_number(c->p + 16, 8),
	};
	c->p += ANSWER;
	c->n -= ANSWER;
	return get_string(c, &a->content_type) && get_string(c, &a->body) &&
	       (c->n == 0 || get_string(c, &a->trace)); /* an older version */
}

static bool
get_record(const unsigned char *p, size_t n, struct bw_store_event *e)
{
	struct cursor c;

	if (n < FIXED)
		return false;
	c = (struct cursor){p + FIXED, n - FIXED};
	*e = (struct bw_store_event){
	    .received = (int64_t)get_number(p, 8),
	    .window = (int64_t)get_number(p + 8, 8),
	    .batch = (int)get_number(p + 16, 4),
	    .index = (int)get_number(p + 24, 4),
	};
#define X(name) \
	if (c.n == 0 && &e->name == &e->query) \
		return true; \
	if (!get_string(&c, &e->name)) \
		return false;
	BWI_STORE_EVENT_STRINGS(X)
#undef X
	return c.n == 0 || (get_answer(&c, &e->answer) && c.n == 0);
}

/* The bytes after the header, appended to b. */
static bool
read_rest(int fd, const unsigned char head[HEADER], struct bw_buf *b,
    const struct bwi_spool_record *r)
{
	uint8_t sum[SUM];

	bw_buf_reserve(b, b->n + r->length + 1);
	if (b->err != BW_OK || pread(fd, b->p + b->n, r->length,
				   (off_t)r->at + HEADER) != (ssize_t)r->length)
		return false;
	checksum(b->p + b->n, r->length, sum);
	return memcmp(sum, head + 8, SUM) == 0;
}

bool
bwi_spool_record_read(
    int fd, int64_t size, struct bw_buf *b, struct bwi_spool_record *r)
{
	unsigned char head[HEADER];

	if (pread(fd, head, HEADER, (off_t)r->at) != HEADER ||
	    memcmp(head, "BWS", 3) != 0)
		return false;
	r->length = (size_t)get_number(head + 4, 4);
	if (r->length > BWI_SPOOL_MAX_RECORD ||
	    r->at + HEADER + (int64_t)r->length > size)
		return false;
	r->stored = head[3] == '0' || head[3] == 'm';
	r->marked = head[3] == 'R' || head[3] == 'm';
	if (!r->stored && !r->marked && head[3] != '1')
		return false;
	if (!read_rest(fd, head, b, r))
		return false;
	r->from = b->n;
	r->n = r->marked ? remove_marks(b->p + b->n, r->length) : r->length;
	b->n += r->n;
	return true;
}

/*
 * Make a key of the record's hash for an event without a key. Otherwise a crash
 * between storing the event and removing the spool would store it twice.
 */
static void
make_key(
    struct bw_store_event *e, struct bw_str content, char key[BWI_SPOOL_KEY])
{
	static const char prefix[] = "spooled:#";
	const size_t at = sizeof(prefix) - 1;
	uint8_t sum[SUM];

	if (e->key.p != NULL)
		return;
	checksum(content.p, content.n, sum);
	memcpy(key, prefix, at);
	bwi_hex_encode(sum, SUM, key + at);
	e->key = (struct bw_str){key, at + 2 * SUM};
}

bool
bwi_spool_record_get(
    struct bw_str content, struct bw_store_event *e, char key[BWI_SPOOL_KEY])
{
	if (!get_record((const unsigned char *)content.p, content.n, e))
		return false;
	make_key(e, content, key);
	return true;
}

bool
bwi_spool_record_store(int fd, const struct bwi_spool_record *r)
{
	return pwrite(fd, r->marked ? "BWSm" : "BWS0", 4, (off_t)r->at) == 4;
}
