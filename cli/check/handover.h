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
	HANDOVER_FOLDER, /* a prefix that ends at a "/" or the end of the path
			  */
	HANDOVER_REGEX,
	HANDOVER_REGEX_NOCASE
};

#define HANDOVER_NO_PARENT ((size_t)-1)

/* A location of nginx, or a directive or <Location> of Apache. */
struct handover_rule {
	enum handover_match match;
	char *pattern;
	int line;
	size_t parent; /* the rule around this one, or HANDOVER_NO_PARENT */
	bool passes;   /* hands the request over to another program */
};

/* The rules of a file, in file order. Zero it before the first use. */
struct handover {
	struct handover_rule *rules;
	size_t n, cap;
	size_t uncompared; /* directives that cannot be compared */
};

/*
 * Read nginx's "location" blocks, or Apache's directives. Included files are
 * not read. BW_ERR_CONFIG: a syntax error; the message has its line.
 */
enum bw_err nginx_file_read(const char *file, struct bw_str text,
    struct handover *, struct bw_error *) BW_CHECK;
enum bw_err apache_file_read(const char *file, struct bw_str text,
    struct handover *, struct bw_error *) BW_CHECK;

/* Add a rule. NULL: out of memory. */
struct handover_rule *handover_add(struct handover *, enum handover_match,
    struct bw_str pattern, int line, size_t parent);

/*
 * Does nginx pass the path to another program? It chooses a location in this
 * order: an exact match; the longest prefix if it is marked "^~"; the first
 * matching expression; the longest prefix. Then it repeats this for the
 * locations inside of the chosen one.
 */
bool handover_nginx(struct handover *, const char *path);
/* Does Apache pass the path to another program? One matching rule is enough. */
bool handover_apache(struct handover *, const char *path);

void handover_free(struct handover *);

#endif
