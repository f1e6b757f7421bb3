/*
 * Groups of rows. Before compression: the number of rows, the difference of
 * each row's number to the one before, a tag for each value of each column, and
 * then the values. Numbers have seven bits in a byte, the lowest first. A tag
 * is the type, plus four times the length of a text or a blob.
 */
#include <config.h>

#include "store/pack.h"

#include <string.h>

#include "base/alloc.h"

/* A row has a body, and an answer with its texts, each within its limits. */
#define MAX_ROW (UINT64_C(16) << 20)
#define MAX_RAW (MAX_ROW + BWI_PACK_BYTES)

/* Low bits of a tag. */
#define KIND_BITS 2

#ifdef HAVE_ZSTD
#include <zstd.h>

/* Measured with the bodies of the benchmarks: higher levels gain a percent. */
#define LEVEL 6
#endif

bool
bwi_pack_available(void)
{
#ifdef HAVE_ZSTD
	return true;
#else
	return false;
#endif
}

void
bwi_pack_init(struct bwi_pack *p)
{
	p->n = 0;
	p->zstd = NULL;
	for (int i = 0; i < BWI_PACK_COLUMNS; i++) {
		bw_buf_init(&p->tags[i], MAX_RAW);
		bw_buf_init(&p->data[i], MAX_RAW);
	}
	bw_buf_init(&p->raw, MAX_RAW);
	bw_buf_init(&p->out, MAX_RAW * 2);
}

static void
put_number(struct bw_buf *b, uint64_t n)
{
	while (n >= 128) {
		bw_buf_putc(b, (char)(n | 128));
		n >>= 7;
	}
	bw_buf_putc(b, (char)n);
}

static void
put_value(
    struct bw_buf *tags, struct bw_buf *data, const struct bwi_pack_value *v)
{
	uint64_t n = (uint64_t)v->integer;
	uint64_t length = v->type >= BWI_PACK_TEXT ? v->s.n : 0;

	put_number(tags, (length << KIND_BITS) | (uint64_t)v->type);
	if (v->type >= BWI_PACK_TEXT)
		bw_buf_add(data, v->s.p, v->s.n);
	for (int i = 0; v->type == BWI_PACK_INTEGER && i < 8; i++)
		bw_buf_putc(data, (char)(n >> (8 * i)));
}

void
bwi_pack_add(struct bwi_pack *p, uint64_t seq,
    const struct bwi_pack_value values[BWI_PACK_COLUMNS])
{
	p->seqs[p->n++] = seq;
	for (int i = 0; i < BWI_PACK_COLUMNS; i++)
		put_value(&p->tags[i], &p->data[i], &values[i]);
}

bool
bwi_pack_is_full(const struct bwi_pack *p)
{
	size_t size = 0;

	for (int i = 0; i < BWI_PACK_COLUMNS; i++)
		size += p->data[i].n;
	return p->n == BWI_PACK_ROWS || size >= BWI_PACK_BYTES;
}

/* Put the parts together. */
static enum bw_err
join(struct bwi_pack *p)
{
	struct bw_buf *b = &p->raw;
	uint64_t before = 0;
	enum bw_err err = BW_OK;

	put_number(b, p->n);
	for (size_t i = 0; i < p->n; i++) {
		put_number(b, p->seqs[i] - before);
		before = p->seqs[i];
	}
	for (int i = 0; i < BWI_PACK_COLUMNS; i++) {
		bw_buf_add(b, p->tags[i].p, p->tags[i].n);
		err = err == BW_OK ? p->tags[i].err : err;
	}
	for (int i = 0; i < BWI_PACK_COLUMNS; i++) {
		bw_buf_add(b, p->data[i].p, p->data[i].n);
		err = err == BW_OK ? p->data[i].err : err;
	}
	return err == BW_OK ? b->err : err;
}

#ifdef HAVE_ZSTD

/* zstd adds a checksum, which it compares when it reads the group. */
enum bw_err
bwi_pack_compress_raw(struct bwi_pack *p)
{
	size_t most = ZSTD_compressBound(p->raw.n), n;

	if (p->zstd == NULL)
		p->zstd = ZSTD_createCCtx();
	bw_buf_reserve(&p->out, most);
	if (p->zstd == NULL || p->out.err != BW_OK)
		return BW_ERR_NOMEM;
	(void)ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, LEVEL);
	(void)ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_checksumFlag, 1);
	n = ZSTD_compress2(p->zstd, p->out.p, p->out.cap, p->raw.p, p->raw.n);
	if (ZSTD_isError(n) != 0)
		return BW_ERR_NOMEM;
	p->out.n = n;
	return BW_OK;
}

/* The size is part of the frame; memory is only taken for a likely one. */
static enum bw_err
decompress(
    struct bwi_unpacked *u, const void *group, size_t size, size_t *raw_size)
{
	unsigned long long raw = ZSTD_getFrameContentSize(group, size);
	size_t n;

	if (raw == ZSTD_CONTENTSIZE_UNKNOWN || raw == ZSTD_CONTENTSIZE_ERROR ||
	    raw == 0 || raw > MAX_RAW)
		return BW_ERR_CORRUPT;
	if (u->zstd == NULL)
		u->zstd = ZSTD_createDCtx();
	u->raw = bwi_alloc((size_t)raw);
	if (u->zstd == NULL || u->raw == NULL)
		return BW_ERR_NOMEM;
	n = ZSTD_decompressDCtx(u->zstd, u->raw, (size_t)raw, group, size);
	*raw_size = (size_t)raw;
	return n == raw ? BW_OK : BW_ERR_CORRUPT;
}

static void
free_zstd(struct bwi_pack *p, struct bwi_unpacked *u)
{
	if (p != NULL)
		(void)ZSTD_freeCCtx(p->zstd);
	if (u != NULL)
		(void)ZSTD_freeDCtx(u->zstd);
}

#else

enum bw_err
bwi_pack_compress_raw(struct bwi_pack *p)
{
	(void)p;
	return BW_ERR_UNSUPPORTED;
}

static enum bw_err
decompress(
    struct bwi_unpacked *u, const void *group, size_t size, size_t *raw_size)
{
	(void)u;
	(void)group;
	*raw_size = size;
	return BW_ERR_UNSUPPORTED;
}

static void
free_zstd(struct bwi_pack *p, struct bwi_unpacked *u)
{
	(void)p;
	(void)u;
}

#endif

enum bw_err
bwi_pack_compress(struct bwi_pack *p)
{
	enum bw_err err = join(p);

	return err == BW_OK ? bwi_pack_compress_raw(p) : err;
}

void
bwi_pack_reset(struct bwi_pack *p)
{
	p->n = 0;
	for (int i = 0; i < BWI_PACK_COLUMNS; i++) {
		bw_buf_reset(&p->tags[i]);
		bw_buf_reset(&p->data[i]);
	}
	bw_buf_reset(&p->raw);
	bw_buf_reset(&p->out);
}

void
bwi_pack_free(struct bwi_pack *p)
{
	for (int i = 0; i < BWI_PACK_COLUMNS; i++) {
		bw_buf_free(&p->tags[i]);
		bw_buf_free(&p->data[i]);
	}
	bw_buf_free(&p->raw);
	bw_buf_free(&p->out);
	free_zstd(p, NULL);
	p->zstd = NULL;
}

/* What is left of a group that is read. */
struct rest {
	const unsigned char *p;
	size_t n;
};

/* False: the group ends before, or the number is too large. */
static bool
get_number(struct rest *r, uint64_t *n)
{
	*n = 0;
	for (unsigned shift = 0; shift < 63 && r->n > 0; shift += 7) {
		unsigned char c = *r->p++;

		r->n--;
		*n |= (uint64_t)(c & 127) << shift;
		if (c < 128)
			return true;
	}
	return false;
}

/* The numbers of the rows ascend. */
static bool
get_rows(struct rest *r, struct bwi_unpacked *u)
{
	uint64_t n, before = 0;

	if (!get_number(r, &n) || n == 0 || n > BWI_PACK_ROWS)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint64_t more;

		if (!get_number(r, &more) || more == 0 ||
		    more > INT64_MAX - before)
			return false;
		u->seqs[i] = before += more;
	}
	u->n = (size_t)n;
	return true;
}

static bool
get_tag(struct rest *r, struct bwi_pack_value *v)
{
	uint64_t tag;

	if (!get_number(r, &tag))
		return false;
	v->type = (enum bwi_pack_type)(tag & ((1 << KIND_BITS) - 1));
	v->integer = 0;
	v->s = (struct bw_str){NULL, (size_t)(tag >> KIND_BITS)};
	return v->type >= BWI_PACK_TEXT || v->s.n == 0;
}

static bool
get_data(struct rest *r, struct bwi_pack_value *v)
{
	size_t n = v->type == BWI_PACK_INTEGER ? 8 : v->s.n;
	uint64_t integer = 0;

	if (n > r->n)
		return false;
	for (int i = 0; v->type == BWI_PACK_INTEGER && i < 8; i++)
		integer |= (uint64_t)r->p[i] << (8 * i);
	v->integer = (int64_t)integer;
	if (v->type >= BWI_PACK_TEXT)
		v->s.p = (const char *)r->p;
	r->p += n;
	r->n -= n;
	return true;
}

static bool
get_values(struct rest *r, struct bwi_unpacked *u,
    bool (*get)(struct rest *, struct bwi_pack_value *))
{
	for (size_t i = 0; i < BWI_PACK_COLUMNS; i++) {
		for (size_t k = 0; k < u->n; k++) {
			if (!get(r, &u->values[i][k]))
				return false;
		}
	}
	return true;
}

static enum bw_err
parse(struct bwi_unpacked *u, size_t size)
{
	struct rest r = {(const unsigned char *)u->raw, size};

	return get_rows(&r, u) && get_values(&r, u, get_tag) &&
		       get_values(&r, u, get_data) && r.n == 0
		   ? BW_OK
		   : BW_ERR_CORRUPT;
}

enum bw_err
bwi_unpack(struct bwi_unpacked *u, const void *group, size_t size)
{
	size_t raw = 0;
	enum bw_err err;

	bwi_free(u->raw);
	u->raw = NULL;
	u->n = 0;
	err = group != NULL ? decompress(u, group, size, &raw) : BW_ERR_CORRUPT;
	if (err == BW_OK)
		err = parse(u, raw);
	if (err != BW_OK)
		u->n = 0;
	return err;
}

size_t
bwi_unpacked_find(const struct bwi_unpacked *u, uint64_t seq)
{
	size_t low = 0, high = u->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (u->seqs[middle] < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < u->n && u->seqs[low] == seq ? low : u->n;
}

void
bwi_unpacked_free(struct bwi_unpacked *u)
{
	bwi_free(u->raw);
	free_zstd(NULL, u);
	*u = (struct bwi_unpacked){.n = 0};
}
