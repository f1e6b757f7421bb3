#include "essential_params.h"

#include <string.h>
#include <strings.h>

#include <bwcallback/limits.h>
#include <bwcallback/request.h>

/* Maximum length of a path or media type: no configured one is longer. */
#define VALUE_MAX 2048

void
essential_params_init(struct essential_params *k)
{
	k->name_left = 0;
	k->value_left = 0;
	k->name_n = 0;
	k->storing = false;
	k->env[0] = NULL;
	k->n = 0;
	k->used = 0;
}

/* HTTP_AUTHORIZATION, and names that end in it, such as REDIRECT_HTTP_... */
static bool
is_credentials(const char *name, size_t n)
{
	static const char end[] = "AUTHORIZATION";
	size_t end_n = sizeof(end) - 1;

	return n >= end_n && strncasecmp(name + n - end_n, end, end_n) == 0;
}

/*
 * Store one byte more than the limit, so that longer credentials are detected.
 */
static size_t
most_of(struct bw_str name)
{
	return is_credentials(name.p, name.n) ? BW_MAX_AUTHORIZATION + 1
					      : VALUE_MAX;
}

static void
put(struct essential_params *k, const char *p, size_t n)
{
	size_t room = sizeof(k->text) - 1 - k->used;

	if (n > room)
		n = room;
	memcpy(k->text + k->used, p, n);
	k->used += n;
}

static void
end_pair(struct essential_params *k)
{
	if (!k->storing)
		return;
	k->text[k->used] = '\0';
	if (k->used < sizeof(k->text) - 1)
		k->used++;
	k->n++;
	k->env[k->n] = NULL;
	k->storing = false;
}

/* The name is complete: is it one to store? */
static void
end_name(struct essential_params *k)
{
	struct bw_str name = {k->name, k->name_n};

	k->storing =
	    k->name_n < sizeof(k->name) && k->n < ESSENTIAL_PARAMS_MAX &&
	    k->used < sizeof(k->text) - 1 && bw_request_uses_variable(name);
	k->value_room = most_of(name);
	if (k->storing) {
		k->env[k->n] = k->text + k->used;
		put(k, name.p, name.n);
		put(k, "=", 1);
	}
	if (k->value_left == 0)
		end_pair(k);
}

void
essential_params_begin(struct essential_params *k, size_t name, size_t value)
{
	k->name_left = name;
	k->value_left = value;
	k->name_n = 0;
	k->storing = false;
	if (name == 0)
		end_name(k);
}

/* Returns the number of bytes that belong to the name. */
static size_t
add_name(struct essential_params *k, const char *p, size_t n)
{
	size_t take = n < k->name_left ? n : k->name_left;
	size_t room = sizeof(k->name) - k->name_n;
	size_t stored = take < room ? take : room;

	memcpy(k->name + k->name_n, p, stored);
	k->name_n += stored;
	k->name_left -= take;
	if (k->name_left == 0)
		end_name(k);
	return take;
}

void
essential_params_add(struct essential_params *k, const char *p, size_t n)
{
	size_t stored;

	if (k->name_left > 0) {
		size_t took = add_name(k, p, n);

		p += took;
		n -= took;
	}
	if (n > k->value_left)
		n = k->value_left;
	if (n == 0)
		return;
	k->value_left -= n;
	stored = n < k->value_room ? n : k->value_room;
	if (k->storing)
		put(k, p, stored);
	k->value_room -= stored;
	if (k->value_left == 0)
		end_pair(k);
}

const char *const *
essential_params_env(struct essential_params *k)
{
	k->env[k->n] = NULL; /* leaves out an incomplete pair */
	return k->env;
}

bool
essential_params_has_credentials(struct essential_params *k)
{
	for (size_t i = 0; i < k->n; i++) {
		if (is_credentials(k->env[i], strcspn(k->env[i], "=")))
			return true;
	}
	return false;
}
