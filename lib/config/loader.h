#ifndef BWI_CONFIG_LOADER_H
#define BWI_CONFIG_LOADER_H

#include <sys/stat.h>

#include <libxml/tree.h>

#include <bwcallback/finding.h>

#include "config/config_internal.h"

/* One file of a configuration. Every node's _private leads to its source. */
struct bwi_source {
	struct bwi_source *next;
	const struct bwi_source *includer; /* NULL for the first */
	char *path;
	struct stat seen; /* what it was when it was read */
	xmlDoc *doc;
};

/* <login>: who Bandwidth shall be when it follows our answers' URLs. */
struct bwi_url_credentials {
	struct bw_str url; /* of this server, without a slash at its end */
	struct bw_str user;
	struct bw_str password;
};

struct bwi_loader;

/*
 * Called once the configuration has been compiled without an error, while the
 * documents are still there.
 */
struct bwi_loader_hook {
	void (*compiled)(void *arg, struct bwi_loader *, const xmlNode *root);
	void *arg;
	bool checks_logins; /* of each URL, so that the loader need not */
};

/* A configuration being loaded, and what is found wrong with it. */
struct bwi_loader {
	struct bw_config *config;
	const struct bw_reporter *reporter;
	struct bw_error *error; /* gets the first */
	struct bwi_source *sources;
	xmlDict *names; /* of all documents, between which nodes move */
	size_t nsources;
	size_t bytes; /* of all files */
	const struct bwi_url_credentials *login;
	const struct bwi_loader_hook *hook; /* or NULL */
	/*
	 * It comes from the compiled form: it was validated and checked, and
	 * its warnings given, when that was made; and it is a part only.
	 */
	bool compiled;
	const char *verified; /* see verified.h; NULL: for a server */
	bool login_missed;    /* and said so, once */
	enum bw_err err;      /* BW_OK until there is an error */
};

/*
 * Report a finding where a node stands. An error makes the loading fail, and
 * goes on, so that all are seen at once.
 */
void bwi_loader_error(struct bwi_loader *, const xmlNode *where,
    const char *fmt, ...) BW_PRINTF(3, 4);
void bwi_loader_warn(struct bwi_loader *, const xmlNode *where, const char *fmt,
    ...) BW_PRINTF(3, 4);
/* The same where there is no node: line and column may be 0. */
void bwi_loader_error_at(struct bwi_loader *, enum bw_err, const char *file,
    int line, int column, const char *text);
void bwi_loader_no_memory(struct bwi_loader *);
/* What another part of the library said in e: an error at the node. */
void bwi_loader_take(
    struct bwi_loader *, const xmlNode *where, const struct bw_error *e);

/* Where a node stands. */
const char *bwi_loader_file(const xmlNode *);
int bwi_loader_line(const xmlNode *);

/*
 * An attribute's value, terminated, in the configuration's arena; p == NULL
 * when it is not there (or, reported, when memory is short).
 */
struct bw_str
bwi_loader_attr(struct bwi_loader *, const xmlNode *, const char *name);
/* All text of an element, like that. */
struct bw_str bwi_loader_text(struct bwi_loader *, const xmlNode *);
/* A file name made relative to the file in which a node stands; the same. */
const char *
bwi_loader_path(struct bwi_loader *, const xmlNode *, struct bw_str name);

/* The same of a file that holds something secret, which is noted. */
const char *
bwi_loader_secret(struct bwi_loader *, const xmlNode *, struct bw_str name);

/*
 * The file that an attribute names, as something to run or to load: with a
 * slash in it, so that nobody searches for it elsewhere.
 */
const char *
bwi_loader_exact_path(struct bwi_loader *, const xmlNode *, const char *attr);

bool bwi_node_is(const xmlNode *, const char *name);
/* The first element at or after a node, NULL when there is none. */
const xmlNode *bwi_node_element(const xmlNode *);

/* document.c: the file with all that it includes; NULL after an error. */
const xmlNode *bwi_loader_read(struct bwi_loader *, const char *file);
void bwi_loader_free_sources(struct bwi_loader *);

/* schema.c: false after errors. */
bool bwi_loader_validate(struct bwi_loader *, const xmlNode *root);
/* schema_explain.c: say what the schema has against it, if it can. */
void bwi_loader_explain(
    struct bwi_loader *, const xmlNode *root, const xmlDoc *schema);

/* config.c: bw_config_load with a hook, which may be NULL. */
enum bw_err bwi_config_load(const char *file, struct bw_config **,
    const struct bwi_loader_hook *, const struct bw_reporter *,
    struct bw_error *) BW_CHECK;

/* section.c: everything below <callbacks>. */
void bwi_loader_compile(struct bwi_loader *, const xmlNode *root);
/* A section during loading, by path as configured; NULL when there is none. */
const struct bwi_section *
bwi_loader_section(const struct bwi_loader *, struct bw_str path);
/* A time zone, opened when first asked for; NULL after an error. */
const struct bwi_tzfile *
bwi_loader_zone(struct bwi_loader *, const xmlNode *where, struct bw_str name);
/* "5s", "450ms": more than 0 and at most most nanoseconds. */
bool bwi_loader_duration(struct bwi_loader *, const xmlNode *where,
    const char *attr, int64_t most, int64_t *nanoseconds);

#endif
