#ifndef BWI_CONFIG_LOADER_H
#define BWI_CONFIG_LOADER_H

#include <sys/stat.h>

#include <libxml/tree.h>

#include <bwcallback/finding.h>

#include "config/config_internal.h"

/*
 * One file of a configuration. The _private member of each node points to it.
 */
struct bwi_source {
	struct bwi_source *next;
	const struct bwi_source *includer; /* NULL: the main file */
	char *path;
	struct stat seen; /* status when it was read */
	xmlDoc *doc;
};

/*
 * <login>: the credentials that Bandwidth shall send to the URLs in our
 * answers.
 */
struct bwi_url_credentials {
	struct bw_str url; /* URL of this server, without a slash at its end */
	struct bw_str user;
	struct bw_str password;
};

struct bwi_data_file;
struct bwi_loader;
struct bwi_field_scope;
struct bwi_query_name;

/*
 * Called after the configuration was compiled without errors, before its
 * documents are freed.
 */
struct bwi_loader_hook {
	void (*compiled)(void *arg, struct bwi_loader *, const xmlNode *root);
	void *arg;
	bool checks_logins; /* the hook checks the credentials of each URL */
};

/* State of loading a configuration, and the errors found. */
struct bwi_loader {
	struct bw_config *config;
	const struct bw_reporter *reporter;
	struct bw_error *error; /* receives the first error */
	struct bwi_source *sources;
	/* Names of all documents, since nodes move between them. */
	xmlDict *names;
	size_t nsources;
	size_t bytes; /* total of all files */
	const struct bwi_url_credentials *login;
	const struct bwi_loader_hook *hook; /* or NULL */
	/* The events of the rule being compiled; NULL: not checked. */
	const struct bwi_field_scope *scope;
	const struct bwi_query_name *query_names; /* query_names.c */
	/*
	 * Read from the compiled form, so only in part. Validation, checks and
	 * warnings were done when that was written.
	 */
	bool compiled;
	const struct bwi_data_file *data_files; /* data_file.c */
	const char *auth_cache_path;		/* NULL: in a server */
	bool login_missed; /* the missing <login> has been reported */
	enum bw_err err;   /* first error, or BW_OK */
};

/*
 * Report a finding at a node. After an error, loading fails but continues, so
 * that all errors are reported.
 */
void bwi_loader_error(struct bwi_loader *, const xmlNode *where,
    const char *fmt, ...) BW_PRINTF(3, 4);
void bwi_loader_warn(struct bwi_loader *, const xmlNode *where, const char *fmt,
    ...) BW_PRINTF(3, 4);
/* The same without a node: line and column may be 0. */
void bwi_loader_error_at(struct bwi_loader *, enum bw_err, const char *file,
    int line, int column, const char *text);
/*
 * Report an answer that always fails: an error for checks of the configuration,
 * a warning in a server, which answers its other events.
 */
void bwi_loader_fails(struct bwi_loader *, const xmlNode *where,
    const char *fmt, ...) BW_PRINTF(3, 4);
void bwi_loader_no_memory(struct bwi_loader *);
/* Report e, from another part of the library, as an error at the node. */
void bwi_loader_report_error(
    struct bwi_loader *, const xmlNode *where, const struct bw_error *e);

/* May this be an id? If not, that is reported. */
bool bwi_loader_check_id(
    struct bwi_loader *, const xmlNode *where, struct bw_str id);

/* store_loader.c: compile a <store>. */
void bwi_loader_store(struct bwi_loader *, const xmlNode *);
/* Set the store of a section; the stores are compiled. */
void bwi_loader_choose_store(
    struct bwi_loader *, const xmlNode *, struct bwi_section *);
/* Report each store that no section uses; the sections are compiled. */
void bwi_loader_check_stores(struct bwi_loader *, const xmlNode *root);

/* File and line of a node. */
const char *bwi_loader_file(const xmlNode *);
int bwi_loader_line(const xmlNode *);

/*
 * An attribute's value, NUL-terminated, in the configuration's arena; p == NULL
 * if it is absent (or out of memory, which is reported).
 */
struct bw_str
bwi_loader_attr(struct bwi_loader *, const xmlNode *, const char *name);
/* All text of an element; otherwise the same. */
struct bw_str bwi_loader_text(struct bwi_loader *, const xmlNode *);
/*
 * A file name, made absolute or relative like the name of the node's own file;
 * otherwise the same.
 */
const char *
bwi_loader_path(struct bwi_loader *, const xmlNode *, struct bw_str name);

/* The same for a file with secrets, which is added to the list of them. */
const char *
bwi_loader_secret(struct bwi_loader *, const xmlNode *, struct bw_str name);

/*
 * The path of a program or module named by an attribute. It contains a slash,
 * so that no search path is used.
 */
const char *
bwi_loader_exact_path(struct bwi_loader *, const xmlNode *, const char *attr);

bool bwi_node_is(const xmlNode *, const char *name);
/* The node or the first sibling after it that is an element; NULL if none. */
const xmlNode *bwi_node_element(const xmlNode *);

/* include.c: the file with all inclusions resolved; NULL after an error. */
const xmlNode *bwi_loader_read(struct bwi_loader *, const char *file);
void bwi_loader_free_sources(struct bwi_loader *);

/* schema.c: false after errors. */
bool bwi_loader_validate(struct bwi_loader *, const xmlNode *root);
/*
 * schema_explain.c: report how the document violates the schema, if that can be
 * found.
 */
void bwi_loader_explain(
    struct bwi_loader *, const xmlNode *root, const xmlDoc *schema);

/* config.c: bw_config_load with a hook, which may be NULL. */
enum bw_err bwi_config_load(const char *file, struct bw_config **,
    const struct bwi_loader_hook *, const struct bw_reporter *,
    struct bw_error *) BW_CHECK;

/* section.c: everything below <callbacks>. */
void bwi_loader_compile(struct bwi_loader *, const xmlNode *root);
/* The section with that configured path, during loading; NULL if none. */
const struct bwi_section *
bwi_loader_section(const struct bwi_loader *, struct bw_str path);
/* time_loader.c: a time zone, loaded on first use; NULL after an error. */
const struct bwi_tzfile *
bwi_loader_zone(struct bwi_loader *, const xmlNode *where, struct bw_str name);
/* Parse "5s" or "450ms": more than 0 and at most most nanoseconds. */
bool bwi_loader_duration(struct bwi_loader *, const xmlNode *where,
    const char *attr, int64_t most, int64_t *nanoseconds);

#endif
