#ifndef BWCALLBACK_TOOLS_GRAPH_H
#define BWCALLBACK_TOOLS_GRAPH_H

/* An interface for the programs of this package: any release may change it. */

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/config.h>
#include <bwcallback/error.h>
#include <bwcallback/finding.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The call flows of a configuration: the rules of its <voice> sections, and the
 * URLs in their answers by which one rule leads to another, with the event.
 */
struct bw_graph;

/* The server in front of the responder. */
enum bw_server {
	BW_SERVER_UNKNOWN,
	BW_SERVER_NGINX,  /* fastcgi_pass */
	BW_SERVER_APACHE, /* mod_proxy_fcgi */
	BW_SERVER_FCGID,  /* Apache's mod_fcgid */
	BW_SERVER_CGI	  /* a process for each callback (RFC 3875) */
};

/* "nginx", "apache", "fcgid", "cgi"; BW_SERVER_UNKNOWN for anything else. */
BW_EXPORT enum bw_server bw_server_of(const char *name);

/*
 * Load a configuration as bw_config_load does, and build its graph, which the
 * caller frees. Findings and errors are those of bw_config_load.
 */
BW_EXPORT enum bw_err bw_graph_load(const char *file, struct bw_graph **,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;
/* The configuration that was loaded. It belongs to the graph. */
BW_EXPORT const struct bw_config *bw_graph_config(const struct bw_graph *);
/* Free a graph. NULL is allowed. */
BW_EXPORT void bw_graph_free(struct bw_graph *);

/*
 * Report errors in the flow: URLs of this configuration with no section, no
 * rule, or the wrong credentials; rules that no answer leads to; loops that a
 * caller who does nothing never leaves; and answers or requests beyond the
 * usual limits of the server. BW_ERR_CONFIG: at least one error.
 */
BW_EXPORT enum bw_err bw_graph_check(const struct bw_graph *, enum bw_server,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;

/*
 * Warn about calendars without a date in the year after a time (milliseconds
 * since 1970): their files probably end with an earlier year.
 */
BW_EXPORT void bw_graph_check_dates(
    const struct bw_graph *, int64_t now, const struct bw_reporter *);

/*
 * Add to the number of times that the rule which begins on this line has
 * answered in trials. After the first call, bw_graph_dot shows which rules were
 * tried. Different names of one file are recognised. False: there is no such
 * rule.
 */
BW_EXPORT bool bw_graph_cover(
    struct bw_graph *, const char *file, int line, unsigned long long count);

/*
 * Append the name of the rule or fallback that begins on this line. In pictures
 * "n" and the name is the id of a node, "e", two names and "-" between them
 * that of an edge. A rule that only redirects or acknowledges is not drawn.
 * False: there is no such rule in a <voice> section.
 */
BW_EXPORT bool bw_graph_name(const struct bw_graph *, const char *file,
    int line, struct bw_buf *name, bool *drawn);
/*
 * Where the <fallback> of the section with a request's path begins. False: it
 * has none. *file belongs to the graph.
 */
BW_EXPORT bool bw_graph_fallback(
    const struct bw_graph *, struct bw_str path, const char **file, int *line);

/* Maximum size of the output of bw_graph_dot, in bytes. */
#define BW_MAX_DOT (64 * 1024 * 1024)

/*
 * Append the graph in the language of Graphviz, with the findings of
 * bw_graph_check marked. Errors are recorded in the buffer.
 */
BW_EXPORT void bw_graph_dot(const struct bw_graph *, struct bw_buf *);

/*
 * Append a brief picture, which needs no Graphviz, as SVG: a box of two lines
 * for each rule. Ids are those of bw_graph_name. BW_ERR_LIMIT: too many rules,
 * or the buffer is full. BW_ERR_NOMEM.
 */
BW_EXPORT enum bw_err bw_graph_svg(
    const struct bw_graph *, struct bw_buf *, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
