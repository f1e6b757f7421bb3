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
 * A configuration, loaded from callbacks.xml(5) with all files that it names.
 * It does not change, except that password files, keys, locations and
 * subscribers are read again when the files change. Any number of threads may
 * use one at the same time. It is reference-counted.
 *
 * A configuration starts these threads of its own, while requests are answered:
 * one that writes the store, one for each file of locations or subscribers that
 * is being read again, and one that runs the <notify> programs of port-outs.
 * All signals but those of faults (SIGSEGV and the like) are blocked in them,
 * so that the signals of the process are handled in threads of the program.
 * The last bw_config_unref ends these threads.
 */
struct bw_config;

/*
 * Read, validate and compile a configuration file. Relative file names in it
 * are relative to the file in which they are written. Every error and warning
 * is reported with its file and line; the bw_error gets the first error.
 * *config gets a reference, which the caller gives back with bw_config_unref.
 *
 * BW_ERR_CONFIG: at least one error. BW_ERR_NOFILE: the file cannot be read.
 * BW_ERR_NOMEM.
 */
BW_EXPORT enum bw_err bw_config_load(const char *file, struct bw_config **,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;
/*
 * Load a configuration for a process that answers this one request and ends
 * (CGI). It may contain only the section of the request. The first such process
 * writes FILE.compiled beside the file, if it may; the next ones read that file
 * instead, until one of the files it was made from changes: then everything is
 * read, validated and reported again. Passwords that were verified before are
 * remembered, as keyed hashes, in FILE.verified. Both files are used only when
 * they belong to the user of the process (bwcallback.fcgi(8)).
 *
 * If the configuration is invalid and the request's path is that of a portout
 * section in the last FILE.compiled, the result is BW_OK with that section: a
 * port-out needs a verdict. The bw_error then has the cause.
 *
 * The request is not used after this function returns. Errors are those of
 * bw_config_load.
 */
BW_EXPORT enum bw_err bw_config_load_for_request(const char *file,
    const struct bw_request *, struct bw_config **, const struct bw_reporter *,
    struct bw_error *) BW_CHECK;
/*
 * In a server, after loading: remember passwords that were verified, as keyed
 * hashes, in this file, so that the next process need not hash them again. It
 * is used only when it belongs to the user of the process. A process always
 * remembers its own, also when it loads the configuration again.
 * BW_ERR_NOMEM.
 */
BW_EXPORT enum bw_err bw_config_set_auth_cache(
    struct bw_config *, const char *file, struct bw_error *) BW_CHECK;
/* Take another reference. Returns its argument. */
BW_EXPORT struct bw_config *bw_config_ref(struct bw_config *);
/* Give a reference back. The last one frees the configuration. */
BW_EXPORT void bw_config_unref(struct bw_config *);

/*
 * The absolute URL of the configured <store>, for bw_store_open; of several, of
 * the one without an id, or else the first. It belongs to the configuration.
 * NULL: there is no store.
 */
BW_EXPORT const char *bw_config_store(const struct bw_config *);

/*
 * Get a warning: a password, key, location or subscriber file that changed is
 * not valid, so its previous content stays in use; or a <notify> program could
 * not be run. True once for each warning, false when there is none. Call it
 * after a request, to log the warnings; it costs almost nothing.
 */
BW_EXPORT bool bw_config_take_warning(struct bw_config *, struct bw_error *);

#ifdef __cplusplus
}
#endif

#endif
