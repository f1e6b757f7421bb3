/* The targets of callbacks, from verbs and accounts. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/base/xml_attribute.h"
#include "sim/deliver/callback_target.h"

static void
copy_target(struct sim_target_entry *p, const struct sim_target *t)
{
	if (t == NULL)
		return;
	p->url = sim_copy(t->url);
	p->method = sim_copy(t->method);
	p->user = sim_copy(t->user);
	p->password = sim_copy(t->password);
}

void
sim_targets_set(struct sim_targets *p, const struct sim_target *primary,
    const struct sim_target *fallback)
{
	sim_targets_free(p);
	copy_target(&p->primary, primary);
	copy_target(&p->fallback, fallback);
}

static char *
resolve(const char *base, const char *url)
{
	char *absolute;

	if (url == NULL)
		return NULL;
	absolute = sim_url_resolve(base, url);
	return absolute != NULL ? absolute : sim_copy(url);
}

/* The attribute stem + suffix: "gather" and "Method". */
static const char *
related_attribute(const xmlNode *node, struct bw_str stem, const char *suffix)
{
	char name[64];
	size_t n = strlen(suffix);

	if (stem.n + n >= sizeof(name))
		return NULL;
	memcpy(name, stem.p, stem.n);
	memcpy(name + stem.n, suffix, n + 1);
	return sim_attr_given(node, name);
}

/*
 * Connect's fallback is eventFallbackUrl beside eventCallbackUrl, and Gather's
 * partialResultCallback has no "Url" in its name; all others are regular.
 */
static struct bw_str
stem_of(const char *attribute)
{
	struct bw_str s = {attribute, strlen(attribute)};

	if (strcmp(attribute, "eventCallbackUrl") == 0)
		s.n = strlen("event");
	else if (s.n > 3 && memcmp(s.p + s.n - 3, "Url", 3) == 0)
		s.n -= 3;
	return s;
}

void
sim_targets_read(struct sim_targets *p, const xmlNode *node,
    const char *attribute, const char *base)
{
	struct bw_str stem = stem_of(attribute);
	const char *fallback = related_attribute(node, stem, "FallbackUrl");

	sim_targets_free(p);
	p->primary = (struct sim_target_entry){
	    .url = resolve(base, sim_attr_given(node, attribute)),
	    .method = sim_copy(related_attribute(node, stem, "Method")),
	    .user = sim_copy(sim_attr_given(node, "username")),
	    .password = sim_copy(sim_attr_given(node, "password")),
	};
	if (fallback == NULL)
		return;
	p->fallback = (struct sim_target_entry){
	    .url = resolve(base, fallback),
	    .method = sim_copy(related_attribute(node, stem, "FallbackMethod")),
	    .user = sim_copy(sim_attr_given(node, "fallbackUsername")),
	    .password = sim_copy(sim_attr_given(node, "fallbackPassword")),
	};
}

void
sim_targets_move(struct sim_targets *p, struct sim_targets *from)
{
	sim_targets_free(p);
	*p = *from;
	*from = (struct sim_targets){0};
}

static void
free_entry(struct sim_target_entry *p)
{
	free(p->url);
	free(p->method);
	free(p->user);
	free(p->password);
	*p = (struct sim_target_entry){0};
}

void
sim_targets_free(struct sim_targets *p)
{
	free_entry(&p->primary);
	free_entry(&p->fallback);
}

struct sim_target
sim_target_find(const struct sim_target_entry *p)
{
	return (struct sim_target){p->url, p->method, p->user, p->password};
}
