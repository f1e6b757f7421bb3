/*
 * The filter of a closed segment: a file beside it that says which terms it
 * does not have, so that most look-ups need not open it. Each value sets a few
 * bits within one block of 64 bytes, which ends in a checksum, so that a
 * question reads one block. If the file is missing or damaged, the segment is
 * searched.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "os/fs.h"
#include "store/sqlite_segment.h"

/*
 * One absent value in a thousand is found by mistake. The upper
 * half of a term is a call, a message, a number or a type.
 */
#define BITS_PER_VALUE 16
#define BITS_SET       6
#define BLOCK_WORDS    8
#define BLOCK_SIZE     (BLOCK_WORDS * 8)
#define CHECK	       (BLOCK_WORDS - 1) /* the word with the checksum */
#define BLOCK_BITS     (CHECK * 64)

/* Words at the start of the file: see put_head(). */
#define HEAD_WORDS 9
#define HEAD_SIZE  (HEAD_WORDS * 8)
#define MAGIC	   UINT64_C(0x3274666c63627762) /* "bwbclft2" */
#define OLD	   UINT64_C(0x3174666c63627762) /* had no checksums of blocks */

/*
 * A program that handles one event asks less often than this, and reads a block
 * for each question. Others read the whole file.
 */
#define QUESTIONS 4

/* Values between two looks at the flag that stops. */
#define STEPS 10000

static uint64_t
mix(uint64_t h)
{
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

static size_t
block_of(const struct bwi_filter *f, uint64_t h)
{
	return (size_t)((h >> 32) % f->blocks);
}

static uint64_t
value_of(int64_t h)
{
	return (uint64_t)h >> 32;
}

/* The next of the bits that a value sets in its block. */
static size_t
next_bit(uint64_t *bits)
{
	size_t bit = (size_t)((*bits & 511) * BLOCK_BITS / 512);

	*bits >>= 9;
	return bit;
}

static void
add(struct bwi_filter *f, uint64_t value)
{
	uint64_t h = mix(value), bits = mix(h);
	uint64_t *block = f->words + block_of(f, h) * BLOCK_WORDS;

	for (int i = 0; i < BITS_SET; i++) {
		size_t bit = next_bit(&bits);

		block[bit / 64] |= UINT64_C(1) << bit % 64;
	}
}

static bool
has(const uint64_t *block, uint64_t h)
{
	uint64_t bits = mix(h);

	for (int i = 0; i < BITS_SET; i++) {
		size_t bit = next_bit(&bits);

		if ((block[bit / 64] >> bit % 64 & 1) == 0)
			return false;
	}
	return true;
}

/* Detects damage, and blocks in a wrong place. */
static uint64_t
checksum(uint64_t seed, const uint64_t *words, size_t n)
{
	uint64_t h = mix(seed + MAGIC);

	for (size_t i = 0; i < n; i++) {
		h = (h ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	return h;
}

static uint64_t
checksum_of(const struct bwi_filter *f, const uint64_t *block, size_t i)
{
	return checksum(f->seed + i, block, CHECK);
}

static enum bw_err
damaged(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_CORRUPT, 0, "store: filter: damaged");
}

static enum bw_err
no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
}

static enum bw_err
check_block(const struct bwi_filter *f, const uint64_t *block, size_t i,
    struct bw_error *e)
{
	return block[CHECK] == checksum_of(f, block, i) ? BW_OK : damaged(e);
}

/* Read from the file at a place. BW_ERR_CORRUPT: it is too short. */
static enum bw_err
read_at(const char *name, size_t at, void *to, size_t size, struct bw_error *e)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = -1;
	int sys = errno;

	if (fd >= 0) {
		n = pread(fd, to, size, (off_t)at);
		sys = errno;
		(void)close(fd);
	}
	if (n == (ssize_t)size)
		return BW_OK;
	if (n >= 0)
		return damaged(e);
	return bw_error_set(e, fd < 0 ? BW_ERR_NOFILE : BW_ERR_IO, sys,
	    "store: filter: %s", strerror(sys));
}

enum bw_err
bwi_filter_read(struct bwi_filter *f, struct bw_error *e)
{
	uint64_t *words = bwi_alloc(f->blocks * BLOCK_SIZE);
	enum bw_err err;

	if (words == NULL)
		return no_memory(e);
	err = read_at(f->name, HEAD_SIZE, words, f->blocks * BLOCK_SIZE, e);
	for (size_t i = 0; err == BW_OK && i < f->blocks; i++)
		err = check_block(f, words + i * BLOCK_WORDS, i, e);
	if (err == BW_OK)
		f->words = words;
	else
		bwi_free(words);
	return err;
}

/* *may: may the segment have it? */
static enum bw_err
ask_file(struct bwi_filter *f, uint64_t h, bool *may, struct bw_error *e)
{
	uint64_t block[BLOCK_WORDS];
	size_t i = block_of(f, h);
	enum bw_err err =
	    read_at(f->name, HEAD_SIZE + i * BLOCK_SIZE, block, BLOCK_SIZE, e);

	if (err == BW_OK)
		err = check_block(f, block, i, e);
	*may = err != BW_OK || has(block, h);
	return err;
}

bool
bwi_filter_may_have(struct bwi_filter *f, int64_t term)
{
	uint64_t h = mix(value_of(term));
	struct bw_error e = {0};
	enum bw_err err = BW_OK;
	bool may = true;

	if (f->name == NULL)
		return true;
	if (f->words == NULL && ++f->questions > QUESTIONS)
		err = bwi_filter_read(f, &e);
	if (f->words != NULL)
		return has(f->words + block_of(f, h) * BLOCK_WORDS, h);
	if (err != BW_ERR_CORRUPT)
		err = ask_file(f, h, &may, &e);
	if (err == BW_ERR_CORRUPT) {
		/* If it is not there, it is made again. */
		(void)unlink(f->name);
		bwi_filter_free(f);
	}
	return may;
}

void
bwi_filter_free(struct bwi_filter *f)
{
	bwi_free(f->words);
	bwi_free(f->name);
	*f = (struct bwi_filter){.words = NULL};
}

static void
put_head(uint64_t *to, uint64_t number, int64_t id, const struct bwi_extent *x,
    size_t blocks)
{
	to[0] = MAGIC;
	to[1] = (uint64_t)id;
	to[2] = number;
	to[3] = x->first;
	to[4] = x->last;
	to[5] = (uint64_t)x->oldest;
	to[6] = (uint64_t)x->newest;
	to[7] = blocks;
	to[8] = checksum(0, to, HEAD_WORDS - 1);
}

static bool
is_valid(const uint64_t *head, uint64_t number, int64_t id)
{
	return head[0] == MAGIC && head[1] == (uint64_t)id &&
	       head[2] == number && head[7] > 0 &&
	       head[7] <= SIZE_MAX / BLOCK_SIZE / 2 &&
	       head[8] == checksum(0, head, HEAD_WORDS - 1);
}

/* The blocks belong to the head, whose checksum is the seed of theirs. */
static void
use_head(struct bwi_filter *f, struct bwi_extent *x, const uint64_t *head)
{
	f->blocks = (size_t)head[7];
	f->seed = head[8];
	f->questions = 0;
	*x = (struct bwi_extent){
	    head[3], head[4], (int64_t)head[5], (int64_t)head[6]};
}

enum bw_err
bwi_filter_load(struct bwi_filter *f, struct bwi_extent *x, const char *path,
    uint64_t number, int64_t id, struct bw_error *e)
{
	char *name = bwi_segment_path(path, number, ".filter");
	uint64_t head[HEAD_WORDS];
	enum bw_err err =
	    name != NULL ? read_at(name, 0, head, HEAD_SIZE, e) : no_memory(e);

	if (err == BW_OK && head[0] == OLD)
		err = bw_error_set(e, BW_ERR_NOFILE, 0, "store: old filter");
	if (err == BW_OK && !is_valid(head, number, id))
		err = damaged(e);
	if (err == BW_OK) {
		bwi_filter_free(f);
		f->name = name;
		use_head(f, x, head);
	} else {
		bwi_free(name);
	}
	return err;
}

/*
 * Go through the sorted values: count the different ones, or add them to the
 * filter.
 */
static enum bw_err
pass_values(struct bwi_conn *c, struct bwi_filter *f, size_t *count,
    atomic_bool *stop, struct bw_error *e)
{
	static const char sql[] = "SELECT h FROM term ORDER BY h";
	sqlite3_stmt *st = NULL;
	uint64_t last = UINT64_MAX;
	size_t rows = 0;
	int rc = sqlite3_prepare_v2(c->db, sql, -1, &st, NULL);

	if (rc != SQLITE_OK)
		return bwi_conn_error(c, rc, "filter", e);
	while ((rows++ % STEPS != 0 || !atomic_load(stop)) &&
	       (rc = sqlite3_step(st)) == SQLITE_ROW) {
		uint64_t value = value_of(sqlite3_column_int64(st, 0));

		if (value == last)
			continue;
		last = value;
		++*count;
		if (f != NULL)
			add(f, value);
	}
	(void)sqlite3_finalize(st);
	if (atomic_load(stop))
		return bw_error_set(e, BW_ERR_DEADLINE, 0, "store: stopped");
	return rc == SQLITE_DONE ? BW_OK : bwi_conn_error(c, rc, "filter", e);
}

/* Put the words into the file of this name. */
static enum bw_err
write_words(const char *path, const char *name, const uint64_t *words, size_t n,
    struct bw_error *e)
{
	char *part;
	int fd, sys = 0;
	enum bw_err err = bwi_segment_temporary(path, &fd, &part, e);
	const char *p = (const char *)words;
	size_t left = n * 8;

	if (err != BW_OK)
		return err;
	while (sys == 0 && left > 0) {
		ssize_t written = write(fd, p, left);

		if (written < 0)
			sys = errno;
		else
			left -= (size_t)written, p += written;
	}
	if (sys == 0 && (fsync(fd) != 0 || rename(part, name) != 0))
		sys = errno;
	if (sys != 0)
		(void)unlink(part);
	(void)close(fd);
	bwi_free(part);
	return sys == 0 ? BW_OK : bwi_fs_error(e, sys, name, "store");
}

static void
put_checksums(struct bwi_filter *f)
{
	for (size_t i = 0; i < f->blocks; i++) {
		uint64_t *block = f->words + i * BLOCK_WORDS;

		block[CHECK] = checksum_of(f, block, i);
	}
}

static enum bw_err
fill(const char *path, uint64_t number, int64_t id, struct bwi_conn *c,
    const struct bwi_extent *x, size_t count, atomic_bool *stop,
    struct bw_error *e)
{
	size_t blocks = count * BITS_PER_VALUE / BLOCK_BITS + 1, n = 0;
	size_t size = HEAD_WORDS + blocks * BLOCK_WORDS;
	uint64_t *words = bwi_calloc(size, 8);
	char *name = bwi_segment_path(path, number, ".filter");
	struct bwi_filter f = {.blocks = blocks};
	enum bw_err err = BW_OK;

	if (words == NULL || name == NULL)
		err = no_memory(e);
	if (err == BW_OK) {
		f.words = words + HEAD_WORDS;
		err = pass_values(c, &f, &n, stop, e);
	}
	if (err == BW_OK) {
		put_head(words, number, id, x, blocks);
		f.seed = words[HEAD_WORDS - 1];
		put_checksums(&f);
		err = write_words(path, name, words, size, e);
	}
	bwi_free(name);
	bwi_free(words);
	return err;
}

enum bw_err
bwi_filter_make(const char *path, uint64_t number, int64_t id,
    struct bwi_conn *c, const struct bwi_extent *x, atomic_bool *stop,
    struct bw_error *e)
{
	size_t count = 0;
	enum bw_err err = pass_values(c, NULL, &count, stop, e);

	return err == BW_OK ? fill(path, number, id, c, x, count, stop, e)
			    : err;
}
