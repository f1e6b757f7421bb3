#include <string.h>
#include <strings.h>

#include <bwcallback/tools/str.h>

#include "cli/check/handover.h"
#include "cli/check/words.h"

struct reader {
	const char *file, *p, *end;
	int line;
	struct handover *to;
	struct words words;
	size_t section; /* the rule of the open <Location>, or none */
	struct bw_error *error;
};

/* Directives whose first argument is the path to hand over. */
static const struct {
	const char *name;
	enum handover_match match;
} directives[] = {
    {"ProxyPass", HANDOVER_FOLDER},
    {"ProxyPassMatch", HANDOVER_REGEX},
    {"ScriptAlias", HANDOVER_FOLDER},
    {"ScriptAliasMatch", HANDOVER_REGEX},
};

/* A backslash at the end of a line continues it. */
static bool
is_continued(const struct reader *r)
{
	return *r->p == '\\' && r->end - r->p > 1 && r->p[1] == '\n';
}

static enum bw_err
read_word(struct reader *r)
{
	char quote = *r->p == '"' || *r->p == '\'' ? *r->p++ : '\0';

	while (r->p < r->end && *r->p != '\n') {
		char c = *r->p;

		if (quote != '\0' ? c == quote : strchr(" \t\r", c) != NULL)
			break;
		if (is_continued(r))
			break;
		if (c == '\\' && quote != '\0' && r->end - r->p > 1 &&
		    r->p[1] == quote)
			c = *++r->p;
		words_add(&r->words, c);
		r->p++;
	}
	if (quote != '\0' && r->p < r->end && *r->p == quote)
		r->p++;
	return words_end(&r->words);
}

static const char *
word(const struct reader *r, size_t i)
{
	return words_get(&r->words, i);
}

static enum bw_err
add(struct reader *r, enum handover_match match, const char *pattern,
    bool passes)
{
	struct handover_rule *rule = handover_add(r->to, match,
	    (struct bw_str){pattern, strlen(pattern)}, r->line,
	    HANDOVER_NO_PARENT);

	if (rule == NULL)
		return bw_error_set(
		    r->error, BW_ERR_NOMEM, 0, "%s: out of memory", r->file);
	rule->passes = passes;
	return BW_OK;
}

/* "<Location /path>", "<Location ~ expression>", "<LocationMatch ...>" */
static enum bw_err
open_section(struct reader *r)
{
	bool match = strcasecmp(word(r, 0), "<LocationMatch") == 0;
	bool tilde = strcmp(word(r, 1), "~") == 0;
	struct bw_buf *pattern = &r->words.v[tilde ? 2 : 1];
	enum bw_err err;

	if (r->words.n < (tilde ? 3 : 2))
		return BW_OK;
	if (pattern->n > 1 && pattern->p[pattern->n - 2] == '>')
		pattern->p[pattern->n - 2] = '\0';
	err = add(r, match || tilde ? HANDOVER_REGEX : HANDOVER_FOLDER,
	    pattern->p, false);
	if (err == BW_OK)
		r->section = r->to->n - 1;
	return err;
}

/* Does this handler of SetHandler pass the request to another program? */
static bool
is_handover(const char *name)
{
	struct bw_str s = {name, strlen(name)};

	return bw_str_is(s, "fcgid-script") || bw_str_is(s, "cgi-script") ||
	       bw_str_begins(s, BW_STR("proxy:"));
}

/* A directive inside of a <Location>. */
static void
read_inside(struct reader *r)
{
	bool pass = strcasecmp(word(r, 0), "ProxyPass") == 0 ||
		    strcasecmp(word(r, 0), "ProxyPassMatch") == 0;

	if (r->words.n < 2)
		return;
	if (pass ? strcmp(word(r, 1), "!") != 0
		 : strcasecmp(word(r, 0), "SetHandler") == 0 &&
		       is_handover(word(r, 1)))
		r->to->rules[r->section].passes = true;
}

static enum bw_err
end_line(struct reader *r)
{
	if (strcasecmp(word(r, 0), "<Location") == 0 ||
	    strcasecmp(word(r, 0), "<LocationMatch") == 0)
		return open_section(r);
	if (strcasecmp(word(r, 0), "RewriteRule") == 0)
		r->to->uncompared++;
	if (strncasecmp(word(r, 0), "</Location", 10) == 0)
		r->section = HANDOVER_NO_PARENT;
	if (r->section != HANDOVER_NO_PARENT) {
		read_inside(r);
		return BW_OK;
	}
	for (size_t i = 0; i < sizeof(directives) / sizeof(*directives); i++) {
		if (strcasecmp(word(r, 0), directives[i].name) == 0 &&
		    r->words.n > 2 && strcmp(word(r, 2), "!") != 0)
			return add(r, directives[i].match, word(r, 1), true);
	}
	return BW_OK;
}

static enum bw_err
read_line(struct reader *r)
{
	enum bw_err err = BW_OK;
	int line = r->line;

	words_reset(&r->words);
	while (err == BW_OK && r->p < r->end && *r->p != '\n') {
		if (is_continued(r)) {
			line++;
			r->p += 2;
		} else if (strchr(" \t\r", *r->p) != NULL) {
			r->p++;
		} else if (*r->p == '#' && r->words.n == 0) {
			r->p = memchr(r->p, '\n', (size_t)(r->end - r->p));
			r->p = r->p != NULL ? r->p : r->end;
		} else {
			err = read_word(r);
		}
	}
	if (err == BW_OK)
		err = end_line(r);
	r->line = line + 1;
	if (r->p < r->end)
		r->p++;
	return err;
}

enum bw_err
apache_file_read(const char *file, struct bw_str text, struct handover *to,
    struct bw_error *e)
{
	struct reader r = {.file = file,
	    .p = text.p,
	    .end = text.p + text.n,
	    .line = 1,
	    .to = to,
	    .section = HANDOVER_NO_PARENT,
	    .error = e};
	enum bw_err err = words_init(&r.words, file, text, e);

	while (err == BW_OK && r.p < r.end)
		err = read_line(&r);
	words_free(&r.words);
	return err;
}
