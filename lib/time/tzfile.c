#include "time/tzfile.h"

#include <stdio.h>

#include "base/alloc.h"
#include "os/file.h"
#include "time/posix_tz.h"

/* The largest compiled zone is under 4 kB. */
#define MAX_FILE (256 * 1024)
#define MAX_NAME 64

struct bwi_tzfile {
	size_t n;	  /* transitions */
	int64_t *at;	  /* times of the transitions, ascending */
	int32_t *offsets; /* offsets in force from each on */
	int32_t first;	  /* before the first transition */
	bool has_rule;
	struct bwi_posix_tz rule; /* after the last one */
};

/* The six counts of a header (RFC 8536 §3.1). */
struct header {
	char version;
	uint32_t isut, isstd, leap, times, types, chars;
};

#define HEADER_SIZE 44

static uint32_t
be32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 |
	       (uint32_t)u[2] << 8 | u[3];
}

static int64_t
be64(const char *p)
{
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static bool
read_header(struct bw_str s, struct header *h)
{
	if (s.n < HEADER_SIZE || memcmp(s.p, "TZif", 4) != 0)
		return false;
	*h = (struct header){
	    .version = s.p[4],
	    .isut = be32(s.p + 20),
	    .isstd = be32(s.p + 24),
	    .leap = be32(s.p + 28),
	    .times = be32(s.p + 32),
	    .types = be32(s.p + 36),
	    .chars = be32(s.p + 40),
	};
	return h->types > 0 && h->types <= 256 && h->times <= MAX_FILE &&
	       h->chars <= MAX_FILE && h->leap <= MAX_FILE && h->isut <= 256 &&
	       h->isstd <= 256;
}

/* Size in bytes of a data block whose times have width bytes. */
static size_t
block_size(const struct header *h, size_t width)
{
	return (size_t)h->times * (width + 1) + (size_t)h->types * 6 +
	       h->chars + (size_t)h->leap * (width + 4) + h->isstd + h->isut;
}

/* Read the transitions of a version 2 block at p. */
static enum bw_err
read_block(struct bwi_tzfile *z, const struct header *h, const char *p)
{
	const char *indices = p + (size_t)h->times * 8;
	const char *types = indices + h->times;

	z->at = bwi_calloc(h->times, sizeof(*z->at));
	z->offsets = bwi_calloc(h->times, sizeof(*z->offsets));
	if (z->at == NULL || z->offsets == NULL)
		return BW_ERR_NOMEM;
	z->n = h->times;
	z->first = (int32_t)be32(types);
	for (size_t i = 0; i < z->n; i++) {
		size_t type = (unsigned char)indices[i];

		z->at[i] = be64(p + i * 8);
		if (type >= h->types || (i > 0 && z->at[i] <= z->at[i - 1]))
			return BW_ERR_SYNTAX;
		z->offsets[i] = (int32_t)be32(types + type * 6);
	}
	return BW_OK;
}

/* The rule for later times is between two line feeds; it may be empty. */
static enum bw_err
read_footer(struct bwi_tzfile *z, struct bw_str s)
{
	const char *end;

	if (s.n < 2 || s.p[0] != '\n')
		return BW_ERR_SYNTAX;
	end = memchr(s.p + 1, '\n', s.n - 1);
	if (end == NULL)
		return BW_ERR_SYNTAX;
	s = (struct bw_str){s.p + 1, (size_t)(end - s.p) - 1};
	if (s.n == 0)
		return BW_OK;
	z->has_rule = bwi_posix_tz_parse(&z->rule, s);
	return z->has_rule ? BW_OK : BW_ERR_SYNTAX;
}

/*
 * Version 1 files are refused: they have 32-bit times and no rule for later
 * times, and have not been installed for many years.
 */
static enum bw_err
read_zone(struct bwi_tzfile *z, struct bw_str s)
{
	struct header h;
	size_t size;
	enum bw_err err;

	if (!read_header(s, &h) || h.version < '2')
		return BW_ERR_SYNTAX;
	size = HEADER_SIZE + block_size(&h, 4);
	if (size > s.n)
		return BW_ERR_SYNTAX;
	s = (struct bw_str){s.p + size, s.n - size};
	if (!read_header(s, &h))
		return BW_ERR_SYNTAX;
	size = HEADER_SIZE + block_size(&h, 8);
	if (size > s.n)
		return BW_ERR_SYNTAX;
	err = read_block(z, &h, s.p + HEADER_SIZE);
	if (err != BW_OK)
		return err;
	return read_footer(z, (struct bw_str){s.p + size, s.n - size});
}

/*
 * Letters, digits and "_+-", in parts separated by '/'. Without dots, the path
 * cannot leave the folder.
 */
static bool
is_zone_name(struct bw_str s)
{
	bool part = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '/' && part) {
			part = false;
			continue;
		}
		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			(c >= '0' && c <= '9') || c == '_' || c == '+' ||
			c == '-'))
			return false;
		part = true;
	}
	return part && s.n <= MAX_NAME;
}

static enum bw_err
open_file(struct bwi_tzfile *z, const char *dir, struct bw_str name,
    struct bw_error *e)
{
	char path[512];
	char *text = NULL;
	size_t n = 0;
	enum bw_err err;
	int len =
	    snprintf(path, sizeof(path), "%s/%.*s", dir, (int)name.n, name.p);

	if (len < 0 || (size_t)len >= sizeof(path)) {
		return bw_error_set(
		    e, BW_ERR_LIMIT, 0, "time zone: path too long");
	}
	err = bwi_file_read(path, MAX_FILE, &text, &n, e);
	if (err != BW_OK)
		return err;
	err = read_zone(z, (struct bw_str){text, n});
	bwi_free(text);
	if (err == BW_OK)
		return BW_OK;
	return bw_error_set(e, err, 0,
	    err == BW_ERR_NOMEM ? "%s: out of memory"
				: "%s: not a compiled time zone",
	    path);
}

enum bw_err
bwi_tzfile_open(struct bwi_tzfile **out, const char *dir, struct bw_str name,
    struct bw_error *e)
{
	struct bwi_tzfile *z;
	enum bw_err err = BW_OK;

	if (!is_zone_name(name)) {
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "time zone: write a name like \"America/New_York\"");
	}
	z = bwi_calloc(1, sizeof(*z));
	if (z == NULL) {
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "time zone: out of memory");
	}
	if (!bw_str_is(name, "UTC"))
		err = open_file(z, dir, name, e);
	if (err != BW_OK) {
		bwi_tzfile_free(z);
		return err;
	}
	*out = z;
	return BW_OK;
}

void
bwi_tzfile_free(struct bwi_tzfile *z)
{
	if (z == NULL)
		return;
	bwi_free(z->at);
	bwi_free(z->offsets);
	bwi_free(z);
}

int32_t
bwi_tzfile_offset(const struct bwi_tzfile *z, int64_t time)
{
	size_t low = 0, high = z->n;

	if (z->has_rule && (z->n == 0 || time >= z->at[z->n - 1]))
		return bwi_posix_tz_offset(&z->rule, time);
	while (low < high) { /* the number of transitions up to time */
		size_t mid = low + (high - low) / 2;

		if (z->at[mid] <= time)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 ? z->offsets[low - 1] : z->first;
}
