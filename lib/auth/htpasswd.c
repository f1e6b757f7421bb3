#include <config.h>

#include "auth/htpasswd.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <crypt.h>

#include <bwcallback/tools/hash.h>
#include <bwcallback/tools/passwd.h>
#include <bwcallback/tools/str.h>

#include "base/alloc.h"
#include "base/utf8.h"

/* Hashes with the same method and rounds: each takes the same time. */
struct cost {
	const char *hash; /* one of them */
	size_t most;	  /* the largest number that one user has */
};

struct bwi_htpasswd {
	atomic_int refs;
	char *text;
	struct bwi_htpasswd_line *lines; /* by user, then as in the file */
	size_t count;
	size_t cap;
	struct cost costs[BWI_HTPASSWD_MAX_COSTS];
	unsigned ncosts;
};

bool
bwi_htpasswd_next(struct bw_str text, size_t *at, struct bw_str *line)
{
	const char *end;

	if (*at == 0)
		*at = bwi_utf8_mark(text);
	if (*at >= text.n)
		return false;
	line->p = text.p + *at;
	line->n = text.n - *at;
	end = memchr(line->p, '\n', line->n);
	if (end != NULL)
		line->n = (size_t)(end - line->p);
	*at += line->n + 1;
	if (line->n != 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

struct bw_str
bwi_htpasswd_user(struct bw_str line)
{
	const char *colon = NULL;

	if (line.n != 0 && line.p[0] != '#')
		colon = memchr(line.p, ':', line.n);
	if (colon == NULL)
		return (struct bw_str){NULL, 0};
	return (struct bw_str){line.p, (size_t)(colon - line.p)};
}

/* bcrypt, SHA-256, SHA-512, yescrypt, GOST-yescrypt, scrypt: crypt(5). */
static bool
is_known_method(const char *hash)
{
	static const char *const kinds[] = {
	    "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$y$", "$gy$", "$7$"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strncmp(hash, kinds[i], strlen(kinds[i])) == 0)
			return true;
	}
	return false;
}

/* A crypt(3) may be built without some methods. */
static bool
is_supported(const char *hash)
{
	switch (crypt_checksalt(hash)) {
	case CRYPT_SALT_INVALID:
	case CRYPT_SALT_METHOD_DISABLED:
		return false;
	default:
		return true;
	}
}

/*
 * crypt(3) checks only the start of a hash. Every method above ends in at least
 * 256 bits of hash, 43 digits: a shorter one was truncated.
 */
static bool
is_complete(const char *hash)
{
	const char *last = strrchr(hash, '$');
	size_t n;

	if (last == NULL)
		return false;
	n = strspn(last + 1, "./0123456789"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz");
	return n >= 43 && last[1 + n] == '\0';
}

const char *
bwi_htpasswd_hash_fault(const char *hash)
{
	if (strncmp(hash, "$apr1$", 6) == 0 || strncmp(hash, "$1$", 3) == 0)
		return "an MD5 hash";
	if (strncmp(hash, "{SHA}", 5) == 0)
		return "a SHA-1 hash without salt";
	if (hash[0] == '\0')
		return "an empty hash";
	if (hash[0] != '$')
		return "a plain password or a DES hash";
	if (!is_known_method(hash))
		return "a hash of an unsupported method";
	if (!is_complete(hash))
		return "a truncated or damaged hash";
	if (!is_supported(hash))
		return "a hash of a method that this system's crypt(3) lacks";
	return NULL;
}

/*
 * Length of the prefix that determines the cost of a hash: method and
 * parameters, without salt and digest (crypt(5)).
 */
static size_t
cost_length(const char *hash)
{
	static const char rounds[] = "rounds=";
	size_t method = 1 + strcspn(hash + 1, "$") + 1;

	if (strncmp(hash, "$2", 2) == 0) /* $2b$10$ */
		return method + strcspn(hash + method, "$");
	if (strncmp(hash, "$7$", 3) == 0) /* N, r and p: 1, 5, 5 digits */
		return method + strnlen(hash + method, 11);
	if (strncmp(hash, "$5$", 3) != 0 && strncmp(hash, "$6$", 3) != 0)
		return method + strcspn(hash + method, "$");
	if (strncmp(hash + method, rounds, sizeof(rounds) - 1) != 0)
		return method;
	return method + strcspn(hash + method, "$");
}

/* The three variants of bcrypt take the same time. */
static bool
is_same_cost(const char *a, const char *b)
{
	size_t n = cost_length(a), skip = 0;

	if (strncmp(a, "$2", 2) == 0 && strncmp(b, "$2", 2) == 0)
		skip = 3;
	return n == cost_length(b) && memcmp(a + skip, b + skip, n - skip) == 0;
}

static enum bw_err
find_cost(struct bwi_htpasswd *h, const char *file, size_t number,
    const char *hash, unsigned *cost, struct bw_error *e)
{
	for (*cost = 0; *cost < h->ncosts; ++*cost) {
		if (is_same_cost(h->costs[*cost].hash, hash))
			return BW_OK;
	}
	if (h->ncosts == BWI_HTPASSWD_MAX_COSTS)
		return bw_error_set(e, BW_ERR_LIMIT, 0,
		    "%s:%zu: more than %d kinds of hashes: hash some passwords "
		    "again with \"bwcallback passwd %s USER\"",
		    file, number, BWI_HTPASSWD_MAX_COSTS, file);
	h->costs[h->ncosts++].hash = hash;
	return BW_OK;
}

static bool
is_user(struct bw_str user)
{
	for (size_t i = 0; i < user.n; i++) {
		unsigned char c = (unsigned char)user.p[i];

		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return user.n != 0 && user.n <= BW_PASSWD_MAX_USER;
}

static enum bw_err
push_line(struct bwi_htpasswd *h, const char *file, size_t number,
    struct bwi_htpasswd_line line, struct bw_error *e)
{
	struct bwi_htpasswd_line *lines;

	if (h->count == BWI_HTPASSWD_MAX_LINES)
		return bw_error_set(e, BW_ERR_LIMIT, 0,
		    "%s:%zu: more than %d users", file, number,
		    BWI_HTPASSWD_MAX_LINES);
	lines = bwi_grow(h->lines, h->count, &h->cap, sizeof(*lines));
	if (lines == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	h->lines = lines;
	h->lines[h->count++] = line;
	return BW_OK;
}

/* Add a line of the text; writes a NUL after it. */
static enum bw_err
add_line(struct bwi_htpasswd *h, const char *file, size_t number,
    struct bw_str s, struct bw_error *e)
{
	struct bw_str user = bwi_htpasswd_user(s);
	struct bwi_htpasswd_line line = {
	    .user = user, .mark = bw_hash_str(BW_HASH_START, s)};
	const char *fault;
	enum bw_err err;
	char *hash;

	if (s.n == 0 || s.p[0] == '#')
		return BW_OK;
	if (user.p == NULL || !is_user(user))
		return bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "%s:%zu: not a line \"user:hash\": \"bwcallback passwd %s "
		    "USER\" makes one",
		    file, number, file);
	hash = h->text + (user.p - h->text) + user.n + 1;
	hash[s.n - user.n - 1] = '\0';
	fault = strlen(hash) == s.n - user.n - 1 ? bwi_htpasswd_hash_fault(hash)
						 : "a hash with a NUL in it";
	if (fault != NULL)
		return bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "%s:%zu: %s: run \"bwcallback passwd %s '%.*s'\"", file,
		    number, fault, file, user.n > 100 ? 100 : (int)user.n,
		    user.p);
	line.hash = hash;
	err = find_cost(h, file, number, hash, &line.cost, e);
	return err == BW_OK ? push_line(h, file, number, line, e) : err;
}

static int
compare_lines(const void *a, const void *b)
{
	const struct bwi_htpasswd_line *x = a, *y = b;
	int order = bw_str_compare(x->user, y->user);

	return order != 0 ? order : (x->hash > y->hash) - (x->hash < y->hash);
}

static enum bw_err
sort_lines(struct bwi_htpasswd *h, const char *file, struct bw_error *e)
{
	size_t run = 0, most = 0, of_cost[BWI_HTPASSWD_MAX_COSTS] = {0};

	if (h->count == 0)
		return bw_error_set(e, BW_ERR_CONFIG, 0,
		    "%s: no users: \"bwcallback passwd %s USER\" adds one",
		    file, file);
	qsort(h->lines, h->count, sizeof(h->lines[0]), compare_lines);
	for (size_t i = 0; i < h->count; i++) {
		struct cost *cost = &h->costs[h->lines[i].cost];

		if (i == 0 ||
		    !bw_str_eq(h->lines[i].user, h->lines[i - 1].user)) {
			run = 0;
			memset(of_cost, 0, sizeof(of_cost));
		}
		if (++run > most)
			most = run;
		if (++of_cost[h->lines[i].cost] > cost->most)
			cost->most++;
	}
	if (most > BWI_HTPASSWD_MAX_PER_USER)
		return bw_error_set(e, BW_ERR_LIMIT, 0,
		    "%s: more than %d lines for one user", file,
		    BWI_HTPASSWD_MAX_PER_USER);
	return BW_OK;
}

enum bw_err
bwi_htpasswd_parse_take(struct bwi_htpasswd **out, const char *file, char *text,
    size_t n, struct bw_error *e)
{
	struct bwi_htpasswd *h = bwi_calloc(1, sizeof(*h));
	struct bw_str all = {text, n}, line;
	size_t at = 0;
	enum bw_err err = BW_OK;

	if (h == NULL) {
		bwi_free(text);
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	}
	atomic_init(&h->refs, 1);
	h->text = text;
	for (size_t i = 1; err == BW_OK && bwi_htpasswd_next(all, &at, &line);
	     i++)
		err = add_line(h, file, i, line, e);
	if (err == BW_OK)
		err = sort_lines(h, file, e);
	if (err != BW_OK) {
		bwi_htpasswd_unref(h);
		return err;
	}
	*out = h;
	return BW_OK;
}

void
bwi_htpasswd_ref(struct bwi_htpasswd *h)
{
	atomic_fetch_add(&h->refs, 1);
}

void
bwi_htpasswd_unref(struct bwi_htpasswd *h)
{
	if (h == NULL || atomic_fetch_sub(&h->refs, 1) != 1)
		return;
	bwi_free(h->lines);
	bwi_free(h->text);
	bwi_free(h);
}

bool
bwi_htpasswd_has(const struct bwi_htpasswd *h, uint64_t mark)
{
	for (size_t i = 0; i < h->count; i++) {
		if (h->lines[i].mark == mark)
			return true;
	}
	return false;
}

/* Index of the user's first line; count when there is none. */
static size_t
find_user(const struct bwi_htpasswd *h, struct bw_str user)
{
	size_t low = 0, high = h->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (bw_str_compare(h->lines[middle].user, user) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < h->count && bw_str_eq(h->lines[low].user, user) ? low
								     : h->count;
}

size_t
bwi_htpasswd_lines(const struct bwi_htpasswd *h, struct bw_str user,
    const struct bwi_htpasswd_line **first)
{
	size_t at = find_user(h, user), n = 0;

	*first = &h->lines[at];
	while (at + n < h->count && bw_str_eq(h->lines[at + n].user, user))
		n++;
	return n;
}

static bool
matches(struct crypt_data *data, const char *password, const char *hash)
{
	const char *got = crypt_r(password, hash, data);
	size_t n = strlen(hash);
	unsigned char differ = 0;

	if (got == NULL || got[0] == '*' || strlen(got) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		differ |= (unsigned char)(got[i] ^ hash[i]);
	return differ == 0;
}

/*
 * Computes the same number of hashes of each cost for every user, unless one
 * matches.
 */
static enum bw_err
try_lines(const struct bwi_htpasswd *h, struct crypt_data *data,
    struct bw_str user, const char *password,
    const struct bwi_htpasswd_line **line)
{
	size_t tried[BWI_HTPASSWD_MAX_COSTS] = {0};
	const struct bwi_htpasswd_line *own;
	size_t n = bwi_htpasswd_lines(h, user, &own);

	for (size_t i = 0; i < n; i++) {
		if (matches(data, password, own[i].hash)) {
			*line = &own[i];
			return BW_OK;
		}
		tried[own[i].cost]++;
	}
	for (unsigned k = 0; k < h->ncosts; k++) {
		for (; tried[k] < h->costs[k].most; tried[k]++)
			(void)matches(data, password, h->costs[k].hash);
	}
	return BW_ERR_REJECTED;
}

enum bw_err
bwi_htpasswd_verify(const struct bwi_htpasswd *h, struct bw_str user,
    struct bw_str password, const struct bwi_htpasswd_line **line,
    struct bw_error *e)
{
	char terminated[BW_PASSWD_MAX_PASSWORD + 1];
	struct crypt_data *data;
	enum bw_err err = BW_ERR_REJECTED;

	if (password.n < sizeof(terminated)) {
		data = bwi_calloc(1, sizeof(*data));
		if (data == NULL)
			return bw_error_set(
			    e, BW_ERR_NOMEM, 0, "authorization: out of memory");
		memcpy(terminated, password.p, password.n);
		terminated[password.n] = '\0';
		err = try_lines(h, data, user, terminated, line);
		explicit_bzero(terminated, sizeof(terminated));
		explicit_bzero(data, sizeof(*data));
		bwi_free(data);
	}
	if (err != BW_OK)
		return bw_error_set(e, err, 0,
		    "authorization: rejected: wrong user or password");
	return BW_OK;
}
