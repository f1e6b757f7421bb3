/*
 * The filter of a closed segment: a file beside it that says which terms it
 * does not have, so that most look-ups need not open it. Each value sets a few
 * bits within one block of 64 bytes. If the file is missing or damaged, the
 * segment is searched.
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
#define BLOCK_BITS     512
#define BLOCK_WORDS    (BLOCK_BITS / 64)

/* Words at the start of the file: see put_head(). */
#define HEAD_WORDS 9
#define MAGIC	   UINT64_C(0x3174666c63627762) /* "bwbclft1" */

/* Values between two looks at the flag that stops. */
#define STEPS 10000

static uint64_t
mix(uint64_t h)
{
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

static uint64_t *
block_of(const struct bwi_filter *f, uint64_t h)
{
	return f->words + (size_t)((h >> 32) % f->blocks) * BLOCK_WORDS;
}

static uint64_t
value_of(int64_t h)
{
	return (uint64_t)h >> 32;
}

static void
add(struct bwi_filter *f, uint64_t value)
{
	uint64_t h = mix(value), bits = mix(h);
	uint64_t *block = block_of(f, h);

	for (int i = 0; i < BITS_SET; i++, bits >>= 9)
		block[bits >> 6 & (BLOCK_WORDS - 1)] |= UINT64_C(1)
							<< (bits & 63);
}

bool
bwi_filter_may_have(const struct bwi_filter *f, int64_t term)
{
	uint64_t h = mix(value_of(term)), bits = mix(h);
	const uint64_t *block;

	if (f->words == NULL)
		return true;
	block = block_of(f, h);
	for (int i = 0; i < BITS_SET; i++, bits >>= 9) {
		if ((block[bits >> 6 & (BLOCK_WORDS - 1)] >> (bits & 63) & 1) ==
		    0)
			return false;
	}
	return true;
}

void
bwi_filter_free(struct bwi_filter *f)
{
	bwi_free(f->words);
	*f = (struct bwi_filter){.words = NULL};
}

/* Detects a damaged file. */
static uint64_t
checksum(const uint64_t *words, size_t n)
{
	uint64_t h = MAGIC;

	for (size_t i = 0; i < n; i++) {
		h = (h ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	return h;
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
	to[8] = 0; /* the checksum, which is made with 0 here */
}

/* Read the whole file. NULL: *sys is set, 0: it is no filter. */
static uint64_t *
read_words(const char *name, size_t *n, int *sys)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint64_t *words = NULL;
	struct stat st;
	size_t size = 0;

	*sys = fd < 0 || fstat(fd, &st) != 0 ? errno : 0;
	if (*sys == 0 && S_ISREG(st.st_mode) && st.st_size % 8 == 0 &&
	    st.st_size > HEAD_WORDS * 8) {
		size = (size_t)st.st_size;
		words = bwi_alloc(size);
		*sys = words == NULL ? ENOMEM : 0;
	}
	if (words != NULL && pread(fd, words, size, 0) != (ssize_t)size) {
		bwi_free(words);
		words = NULL;
	}
	if (fd >= 0)
		(void)close(fd);
	*n = size / 8;
	return words;
}

static bool
is_valid(uint64_t *words, size_t n, uint64_t number, int64_t id)
{
	uint64_t sum = words[8];

	words[8] = 0;
	return words[0] == MAGIC && words[1] == (uint64_t)id &&
	       words[2] == number && words[7] > 0 &&
	       words[7] == (n - HEAD_WORDS) / BLOCK_WORDS &&
	       checksum(words, n) == sum;
}

enum bw_err
bwi_filter_load(struct bwi_filter *f, struct bwi_extent *x, const char *path,
    uint64_t number, int64_t id, struct bw_error *e)
{
	char *name = bwi_segment_path(path, number, ".filter");
	int sys = ENOMEM;
	uint64_t *words = NULL;
	size_t n = 0;

	if (name != NULL)
		words = read_words(name, &n, &sys);
	bwi_free(name);
	if (words == NULL && sys != 0) {
		return bw_error_set(e,
		    sys == ENOMEM ? BW_ERR_NOMEM : BW_ERR_NOFILE, sys,
		    "store: filter: %s", strerror(sys));
	}
	if (words == NULL || !is_valid(words, n, number, id)) {
		bwi_free(words);
		return bw_error_set(
		    e, BW_ERR_CORRUPT, 0, "store: filter: damaged");
	}
	*x = (struct bwi_extent){
	    words[3], words[4], (int64_t)words[5], (int64_t)words[6]};
	f->blocks = (size_t)words[7];
	memmove(words, words + HEAD_WORDS, f->blocks * BLOCK_WORDS * 8);
	f->words = words;
	return BW_OK;
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
		err = bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	if (err == BW_OK) {
		f.words = words + HEAD_WORDS;
		err = pass_values(c, &f, &n, stop, e);
	}
	if (err == BW_OK) {
		put_head(words, number, id, x, blocks);
		words[8] = checksum(words, size);
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
