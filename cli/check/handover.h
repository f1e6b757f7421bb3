#ifndef BWC_CHECK_HANDOVER_H
#define BWC_CHECK_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>

#include <bwcallback/error.h>
#include <bwcallback/finding.h>
#include <bwcallback/str.h>

/* How a web server compares the path of a request with a pattern. */
enum handover_match {
	HANDOVER_EXACT,
	HANDOVER_PREFIX,       /* the longest one applies */
	HANDOVER_FINAL_PREFIX, /* nginx's "^~": no expression is tried */
	HANDOVER_FOLDER,       /* a prefix that ends at a "/" of the path */
	HANDOVER_REGEX,
	HANDOVER_REGEX_NOCASE
};

#define HANDOVER_NO_PARENT ((size_t)-1)

/* A part of a web server's configuration that applies to some paths. */
struct handover_rule {
	enum handover_match match;
	char *pattern;
	int line;
	size_t parent; /* the rule around this one, or HANDOVER_NO_PARENT */
	bool passes;   /* hands the request over to another program */
};

/* The rules of a file, in its order. Begin with all zero. */
struct handover {
	struct handover_rule *rules;
	size_t n, cap;
	size_t uncompared; /* directives that cannot be compared */
};

/*
 * Read nginx's "location" blocks, or Apache's directives. Files that they
 * include are not read. BW_ERR_CONFIG: not such a file, with the line.
 */
enum bw_err nginx_file_read(const char *file, struct bw_str text,
    struct handover *, struct bw_error *) BW_CHECK;
enum bw_err apache_file_read(const char *file, struct bw_str text,
    struct handover *, struct bw_error *) BW_CHECK;

/* Add a rule. NULL: out of memory. */
struct handover_rule *handover_add(struct handover *, enum handover_match,
    struct bw_str pattern, int line, size_t parent);

/*
 * nginx: does the block that applies to the path hand it over? It applies the
 * exact one, or else the longest prefix if that is final, or else the first
 * expression, or else the longest prefix; then the same inside of that block.
 */
bool handover_nginx(struct handover *, const char *path);
/* Apache: does any of the rules hand the path over? */
bool handover_apache(struct handover *, const char *path);

void handover_free(struct handover *);

#endif
