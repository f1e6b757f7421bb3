#ifndef BWCALLBACK_GRAPH_H
#define BWCALLBACK_GRAPH_H

#include <stdbool.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/finding.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The calls that a configuration can lead: what each rule of its <voice>
 * sections says and does, and which URL in its answer leads, with which event,
 * to which other rule. Not for answering callbacks: it keeps what bw_config
 * throws away.
 */
struct bw_graph;

/* What stands between Bandwidth and us. */
enum bw_server {
	BW_SERVER_UNKNOWN,
	BW_SERVER_NGINX,  /* fastcgi_pass */
	BW_SERVER_APACHE, /* mod_proxy_fcgi */
	BW_SERVER_FCGID,  /* Apache's mod_fcgid */
	BW_SERVER_CGI	  /* a process for each callback */
};

/* "nginx", "apache", "fcgid", "cgi"; BW_SERVER_UNKNOWN for anything else. */
BW_EXPORT enum bw_server bw_server_of(const char *name);

/*
 * Load a configuration as bw_config_load does, and the graph with it. The
 * reporter gets what loading finds; only when that is free of errors is there
 * a graph. Errors are those of bw_config_load.
 */
BW_EXPORT enum bw_err bw_graph_load(const char *file, struct bw_graph **,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;
BW_EXPORT void bw_graph_free(struct bw_graph *);

/*
 * Report what is wrong with the flow: URLs that lead back here and find no
 * section, or no rule, or a 401; rules that no answer leads to; circles in
 * which a caller who does nothing stays for ever; and what the server's usual
 * limits do not let through. BW_ERR_CONFIG when there is an error among it.
 */
BW_EXPORT enum bw_err bw_graph_check(const struct bw_graph *, enum bw_server,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;

/*
 * Say how often the rule that begins on that line answered in some trial;
 * counts add up. From the first on, the picture shows which rules were tried.
 * Files are the same when their names lead to the same one. False: there is no
 * such rule.
 */
BW_EXPORT bool bw_graph_cover(
    struct bw_graph *, const char *file, int line, unsigned long long count);

/* Most bytes that bw_graph_dot writes. */
#define BW_MAX_DOT (64 * 1024 * 1024)

/*
 * Append the graph in Graphviz's language, with what bw_graph_check finds
 * marked. Errors are the buffer's.
 */
BW_EXPORT void bw_graph_dot(const struct bw_graph *, struct bw_buf *);

#ifdef __cplusplus
}
#endif

#endif
