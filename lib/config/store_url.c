/* The URL of a <store>, with what its attributes add to it. */
#include "config/store_url.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "config/config_internal.h"
#include "os/file.h"
#include "store/store.h"

/* Attributes that only a database has, and that become a part of its URL. */
static const struct {
	const char *name;
	bool path;
	bool secret;
} parameters[] = {
    {"password-file", true, true},
    {"passfile", true, true},
    {"spool", true, false},
    {"single", false, false},
};

#define NPARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

static bool
has_scheme(struct bw_str url, const char *scheme)
{
	size_t n = strlen(scheme);

	return url.n > n && memcmp(url.p, scheme, n) == 0;
}

/* Make the path absolute, since it identifies the store in this process. */
static bool
put_sqlite(struct bwi_loader *l, const xmlNode *node, struct bw_str url,
    struct bw_buf *b)
{
	const size_t scheme = strlen("sqlite:");
	const char *path;

	for (size_t i = 0; i < NPARAMETERS; i++) {
		if (bwi_loader_attr(l, node, parameters[i].name).p == NULL)
			continue;
		bwi_loader_error(l, node,
		    "<store>: %s: only a store in PostgreSQL has it",
		    parameters[i].name);
		return false;
	}
	path = bwi_loader_path(
	    l, node, (struct bw_str){url.p + scheme, url.n - scheme});
	if (path == NULL)
		return false;
	bw_buf_add(b, url.p, scheme);
	bwi_file_absolute(path, b);
	return true;
}

static bool
put_parameter(struct bwi_loader *l, const xmlNode *node, size_t i, char join,
    struct bw_buf *b)
{
	struct bw_str value = bwi_loader_attr(l, node, parameters[i].name);
	struct bw_buf absolute;

	if (value.p == NULL)
		return false;
	bw_buf_init(&absolute, PATH_MAX);
	if (parameters[i].path) {
		const char *path = parameters[i].secret
				       ? bwi_loader_secret(l, node, value)
				       : bwi_loader_path(l, node, value);

		if (path != NULL)
			bwi_file_absolute(path, &absolute);
		value = (struct bw_str){absolute.p, absolute.n};
	}
	bw_buf_putc(b, join);
	bw_buf_puts(b, parameters[i].name);
	bw_buf_putc(b, '=');
	bw_buf_url(b, value);
	bw_buf_free(&absolute);
	return true;
}

/* What the URL itself cannot say: it is the store's own, and checked. */
static bool
check_database(struct bwi_loader *l, const xmlNode *node, const char *url)
{
	struct bw_error e = {0};
	char *spool = NULL;
	enum bw_err err = bwi_store_spool_path(url, &spool, &e);
	bool has = spool != NULL;

	bwi_free(spool);
	if (err == BW_ERR_NOMEM) {
		bwi_loader_no_memory(l);
	} else if (err != BW_OK) {
		bwi_loader_error(l, node, "<store>: url: %s",
		    strncmp(e.msg, "store: ", 7) == 0 ? e.msg + 7 : e.msg);
	} else if (!has) {
		bwi_loader_error(l, node,
		    "<store>: spool is missing: the local file that takes "
		    "events while the database is away, as "
		    "spool=\"events.spool\"");
	}
	return err == BW_OK && has;
}

static bool
put_database(struct bwi_loader *l, const xmlNode *node, struct bw_str url,
    struct bw_buf *b)
{
	char join = memchr(url.p, '?', url.n) != NULL ? '&' : '?';

	bw_buf_str(b, url);
	for (size_t i = 0; i < NPARAMETERS; i++) {
		if (put_parameter(l, node, i, join, b))
			join = '&';
	}
	bw_buf_putc(b, '\0');
	if (b->err != BW_OK) {
		bwi_loader_no_memory(l);
		return false;
	}
	b->n--;
	return check_database(l, node, b->p);
}

bool
bwi_store_url_put(struct bwi_loader *l, const xmlNode *node, struct bw_buf *b)
{
	struct bw_str url = bwi_loader_attr(l, node, "url");

	if (url.p == NULL)
		return false;
	if (bw_str_is(url, "mem:")) {
		bw_buf_puts(b, "mem:");
		return true;
	}
	if (has_scheme(url, "sqlite:"))
		return put_sqlite(l, node, url, b);
	if (has_scheme(url, "postgresql:"))
		return put_database(l, node, url, b);
	bwi_loader_error(l, node,
	    "<store>: url: write it as \"sqlite:events.db\" or "
	    "\"postgresql://HOST/DATABASE\"");
	return false;
}
