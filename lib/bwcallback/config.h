#ifndef BWCALLBACK_CONFIG_H
#define BWCALLBACK_CONFIG_H

#include <stdbool.h>

#include <bwcallback/error.h>
#include <bwcallback/finding.h>
#include <bwcallback/request.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A compiled configuration (callbacks.xml with its tables and password
 * files). Immutable once loaded, but for the password files, which are read
 * again when they change; any number of threads may use one. Counted: _load
 * gives one reference, _ref another, _unref gives one back.
 *
 * While requests are answered, the library starts threads of its own: to
 * write the store, to read locations and subscribers again that changed, and
 * to run <notify> programs. Every signal that is not a fault is blocked in
 * them, so the signals of the process are handled in its own threads.
 */
struct bw_config;

/*
 * Read, validate and compile a file. Relative file names inside are relative
 * to the file they stand in. Every problem goes to the reporter with file,
 * line and what to do; the bw_error gets the first.
 *
 * BW_ERR_CONFIG: at least one error was reported. BW_ERR_NOFILE, _NOMEM.
 */
BW_EXPORT enum bw_err bw_config_load(const char *file, struct bw_config **,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;
/*
 * The same for a process that answers this one request and ends (CGI): of the
 * configuration it may hold no more than the request's section. The first such
 * process leaves FILE.compiled beside the file, where it may write, and the
 * others read that instead, until one of the files that it was made from
 * changes: then all is read, checked and reported again. Passwords that were
 * right are recognised by FILE.verified. Neither is read by any but the user
 * of the process, or taken from another (bwcallback.fcgi(8)).
 *
 * The request is read while loading only.
 */
BW_EXPORT enum bw_err bw_config_load_for_request(const char *file,
    const struct bw_request *, struct bw_config **, const struct bw_reporter *,
    struct bw_error *) BW_CHECK;
BW_EXPORT struct bw_config *bw_config_ref(struct bw_config *);
BW_EXPORT void bw_config_unref(struct bw_config *);

/*
 * The URL of its <store>, absolute, which belongs to it; NULL: it has none.
 */
BW_EXPORT const char *bw_config_store(const struct bw_config *);

/* A section, for those who want to try what it is configured for. */
struct bw_section {
	struct bw_str mount; /* in front of all paths; may be empty */
	struct bw_str path;  /* below it */
	const char *element; /* "voice" */
	struct bw_str realm; /* p NULL: it asks for no credentials */
};

/* An <on> of a section: where it stands, and for what. */
struct bw_rule {
	const char *file;
	int line;
	struct bw_str section; /* its path */
	struct bw_str event;   /* as configured; p NULL: any */
};

/*
 * The rules, by their sections' paths and in their order; NULL beyond the last.
 * They belong to the configuration.
 */
BW_EXPORT const struct bw_rule *
bw_config_rule(const struct bw_config *, size_t i);

/*
 * The sections, by path; what is given belongs to the configuration. False
 * beyond the last.
 */
BW_EXPORT bool
bw_config_section(const struct bw_config *, size_t i, struct bw_section *);
/* Call each with the name of every file that holds something secret. */
BW_EXPORT void bw_config_secrets(const struct bw_config *,
    void (*each)(void *arg, const char *file), void *arg);

/*
 * Why a password, key or subscribers' file that changed was not taken: true
 * once for each reason, until there is no other. What a password or key file
 * held before stays in force. Also why nobody could be told of a verdict.
 * For the log, after a request: it costs next to nothing when there is none.
 */
BW_EXPORT bool bw_config_take_warning(struct bw_config *, struct bw_error *);

#ifdef __cplusplus
}
#endif

#endif
