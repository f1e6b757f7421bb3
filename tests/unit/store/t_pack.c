/* Groups of rows, and what damage does to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/pack.h"
#include "tests/tap/tap.h"

static struct bwi_pack_value
text(const char *s)
{
	return (struct bwi_pack_value){BWI_PACK_TEXT, 0, {s, strlen(s)}};
}

/* A row with every type, the lengths of an empty value and of a long one. */
static void
make_row(unsigned i, struct bwi_pack_value v[BWI_PACK_COLUMNS])
{
	static char number[BWI_PACK_ROWS][32], body[3000];

	memset(v, 0, sizeof(*v) * BWI_PACK_COLUMNS);
	(void)snprintf(number[i], sizeof(number[i]), "+1919555%04u", i * 37);
	memset(body, 'x', sizeof(body));
	v[0] = text(number[i]);
	v[1] = text("");
	v[2].type = BWI_PACK_INTEGER;
	v[2].integer = i % 2 == 0 ? -(int64_t)i : INT64_MAX - i;
	v[3].type = BWI_PACK_INTEGER;
	v[3].integer = INT64_MIN;
	v[4] = (struct bwi_pack_value){BWI_PACK_BLOB, 0, {"a\0b", 3}};
	v[5] = (struct bwi_pack_value){BWI_PACK_BLOB, 0, {"", 0}};
	v[BWI_PACK_COLUMNS - 1] =
	    (struct bwi_pack_value){BWI_PACK_TEXT, 0, {body, i * 40}};
}

static bool
is_same(const struct bwi_pack_value *a, const struct bwi_pack_value *b)
{
	if (a->type != b->type || a->integer != b->integer)
		return false;
	return a->type < BWI_PACK_TEXT || bw_str_eq(a->s, b->s);
}

static uint64_t
seq_of(unsigned i)
{
	return 1 + (uint64_t)i * i * 1000000;
}

/* Are all rows as they were packed? */
static bool
has_rows(const struct bwi_unpacked *u, unsigned n)
{
	struct bwi_pack_value v[BWI_PACK_COLUMNS];

	if (u->n != n)
		return false;
	for (unsigned i = 0; i < n; i++) {
		make_row(i, v);
		if (u->seqs[i] != seq_of(i) ||
		    bwi_unpacked_find(u, seq_of(i)) != i)
			return false;
		for (size_t k = 0; k < BWI_PACK_COLUMNS; k++) {
			if (!is_same(&u->values[k][i], &v[k]))
				return false;
		}
	}
	return true;
}

static void
pack(struct bwi_pack *p, unsigned n)
{
	struct bwi_pack_value v[BWI_PACK_COLUMNS];

	bwi_pack_reset(p);
	for (unsigned i = 0; i < n; i++) {
		make_row(i, v);
		bwi_pack_add(p, seq_of(i), v);
	}
	is_int(bwi_pack_compress(p), BW_OK, "%u rows are compressed", n);
}

static void
test_rows(struct bwi_pack *p, struct bwi_unpacked *u)
{
	for (unsigned n = 1; n <= BWI_PACK_ROWS; n++) {
		pack(p, n);
		is_int(bwi_pack_is_full(p), n == BWI_PACK_ROWS, "full");
		is_int(bwi_unpack(u, p->out.p, p->out.n), BW_OK, "read");
		ok(has_rows(u, n), "the same %u rows", n);
		is_int((long long)bwi_unpacked_find(u, 2), n, "another row");
	}
}

/* A group with one large row is full. */
static void
test_large(struct bwi_pack *p, struct bwi_unpacked *u)
{
	struct bwi_pack_value v[BWI_PACK_COLUMNS] = {{.type = BWI_PACK_NULL}};
	char *large = calloc(1, BWI_PACK_BYTES);

	bwi_pack_reset(p);
	v[8] = (struct bwi_pack_value){
	    BWI_PACK_BLOB, 0, {large, BWI_PACK_BYTES - 1}};
	bwi_pack_add(p, 1, v);
	ok(!bwi_pack_is_full(p), "not full");
	bwi_pack_add(p, INT64_MAX, v);
	ok(bwi_pack_is_full(p), "full");
	is_int(bwi_pack_compress(p), BW_OK, "compressed");
	is_int(bwi_unpack(u, p->out.p, p->out.n), BW_OK, "read");
	is_int((long long)u->values[8][1].s.n, BWI_PACK_BYTES - 1, "its size");
	free(large);
}

/* More than a group may have is refused, not cut off. */
static void
test_too_large(struct bwi_pack *p)
{
	struct bwi_pack_value v[BWI_PACK_COLUMNS] = {{.type = BWI_PACK_NULL}};
	size_t size = (size_t)40 << 20;
	char *large = calloc(1, size);

	bwi_pack_reset(p);
	v[0] = (struct bwi_pack_value){BWI_PACK_BLOB, 0, {large, size}};
	bwi_pack_add(p, 1, v);
	is_int(bwi_pack_compress(p), BW_ERR_LIMIT, "too large");
	free(large);
}

/* Damage is seen, or it changes nothing. */
static bool
is_harmless(struct bwi_unpacked *u, const char *group, size_t size, unsigned n)
{
	/* Of its exact size, so that a sanitizer sees what is read after it. */
	char *copy = malloc(size + (size == 0));
	enum bw_err err;

	memcpy(copy, group, size);
	err = bwi_unpack(u, copy, size);
	free(copy);
	return err == BW_OK ? has_rows(u, n)
			    : err == BW_ERR_CORRUPT && u->n == 0;
}

static void
test_damage(struct bwi_pack *p, struct bwi_unpacked *u)
{
	size_t bad = 0, n;
	char *group;

	pack(p, 9);
	n = p->out.n;
	group = malloc(n);
	memcpy(group, p->out.p, n);
	for (size_t i = 0; i < n; i++) {
		bad += !is_harmless(u, group, i, 9);
		for (int bit = 0; bit < 8; bit++) {
			group[i] = (char)(group[i] ^ 1 << bit);
			bad += !is_harmless(u, group, n, 9);
			group[i] = (char)(group[i] ^ 1 << bit);
		}
	}
	is_int((long long)bad, 0, "each bit, and each length");
	is_int(bwi_unpack(u, group, n), BW_OK, "then it is read");
	is_int(bwi_unpack(u, NULL, 0), BW_ERR_CORRUPT, "nothing");
	free(group);
}

/* The same of what is compressed: the checksum is right, the group is not. */
static void
test_forged(struct bwi_pack *p, struct bwi_unpacked *u)
{
	struct bwi_pack forged;
	size_t bad = 0, n;
	char *raw;

	pack(p, 5);
	n = p->raw.n;
	raw = malloc(n);
	memcpy(raw, p->raw.p, n);
	bwi_pack_init(&forged);
	for (size_t i = 0; i < n; i++) {
		for (int bit = 0; bit < 9; bit++) {
			enum bw_err err;

			bwi_pack_reset(&forged);
			/* Bit 8: it is cut off. */
			raw[i] = (char)(raw[i] ^ 1 << bit);
			bw_buf_add(&forged.raw, raw, bit < 8 ? n : i);
			raw[i] = (char)(raw[i] ^ 1 << bit);
			err = bwi_pack_compress_raw(&forged);
			if (err == BW_OK)
				err = bwi_unpack(u, forged.out.p, forged.out.n);
			bad += err != BW_OK && err != BW_ERR_CORRUPT;
			for (size_t k = 0; err == BW_OK && k < u->n; k++)
				bad += u->values[0][k].s.n > n;
		}
	}
	is_int((long long)bad, 0, "each bit, and each length, before");
	bwi_pack_free(&forged);
	free(raw);
}

int
main(void)
{
	struct bwi_unpacked *u = calloc(1, sizeof(*u));
	struct bwi_pack p;

	bwi_pack_init(&p);
	if (!bwi_pack_available()) {
		is_int(bwi_pack_compress(&p), BW_ERR_UNSUPPORTED, "no zstd");
		is_int(bwi_unpack(u, "x", 1), BW_ERR_UNSUPPORTED, "no zstd");
		return tap_done();
	}
	test_rows(&p, u);
	test_large(&p, u);
	test_too_large(&p);
	test_damage(&p, u);
	test_forged(&p, u);
	bwi_pack_free(&p);
	bwi_unpacked_free(u);
	free(u);
	return tap_done();
}
