/* Compiling a <module>. */
#include "base/alloc.h"
#include "config/rule_loader.h"

/* A module, loaded on first use; NULL after an error. */
static struct bwi_module *
open_module(struct bwi_loader *l, const xmlNode *node, const char *file)
{
	struct bw_config *c = l->config;
	struct bwi_named_module *modules;
	struct bw_str name = {file, strlen(file)};
	struct bw_error e = {0};
	struct bwi_module *m = NULL;

	for (size_t i = 0; i < c->nmodules; i++) {
		if (bw_str_eq(c->modules[i].file, name))
			return c->modules[i].module;
	}
	modules = bwi_grow(
	    c->modules, c->nmodules, &c->modules_cap, sizeof(*modules));
	if (modules == NULL) {
		bwi_loader_no_memory(l);
		return NULL;
	}
	c->modules = modules;
	if (bwi_dso_open(&m, file, &e) != BW_OK) {
		if (e.code == BW_ERR_NOMEM)
			bwi_loader_no_memory(l);
		else
			bwi_loader_error(l, node, "<module>: file: %s", e.msg);
	}
	/* A module that cannot be loaded is reported once. */
	c->modules[c->nmodules++] = (struct bwi_named_module){name, m};
	return m;
}

/* Its name in log lines and findings. */
static const char *
name_of(struct bwi_loader *l, const char *file, struct bw_str handler)
{
	size_t n = strlen(file);
	char *name = bwi_arena_alloc(&l->config->arena, n + handler.n + 3);

	if (name == NULL) {
		bwi_loader_no_memory(l);
		return NULL;
	}
	memcpy(name, file, n);
	memcpy(name + n, ": ", 2);
	memcpy(name + n + 2, handler.p, handler.n);
	name[n + 2 + handler.n] = '\0';
	return name;
}

bool
bwi_loader_module(
    struct bwi_loader *l, const xmlNode *node, struct bwi_action *a)
{
	const char *file = bwi_loader_exact_path(l, node, "file");
	struct bw_str handler = bwi_loader_attr(l, node, "handler");
	struct bwi_module *m;

	if (file == NULL || handler.p == NULL)
		return false;
	m = open_module(l, node, file);
	if (m == NULL)
		return false;
	a->kind = BWI_ACTION_MODULE;
	a->handler.call = bwi_dso_find(m, handler.p);
	if (a->handler.call == NULL) {
		bwi_loader_error(l, node,
		    "<module>: handler: %s: it does not export the function "
		    "\"%.60s\": define it without \"static\"",
		    file, handler.p);
		return false;
	}
	a->handler.name = name_of(l, file, handler);
	return a->handler.name != NULL;
}
