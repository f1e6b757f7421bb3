/*
 * Folders of documents, each with a manifest: valid documents must be accepted,
 * invalid ones refused, and the schema must agree as far as a grammar can.
 * BW_EXTRA_BXML names more folders, separated by colons.
 */
#include <stdio.h>
#include <stdlib.h>

#include <libxml/parser.h>

#include "bxml/language.h"
#include "tests/support/grammar.h"
#include "tests/tap/tap.h"

struct seen {
	char first[512];
	int errors;
	int warnings;
};

static void
on_finding(void *arg, const struct bw_finding *f)
{
	struct seen *seen = arg;
	bool error = f->severity == BW_SEVERITY_ERROR;

	if (seen->first[0] == '\0' || (error && seen->errors == 0))
		snprintf(seen->first, sizeof(seen->first), "%d:%d: %s", f->line,
		    f->column, f->text);
	seen->errors += error;
	seen->warnings += !error;
}

/* The tab-separated fields of a line; absent ones are empty. */
struct line {
	char *field[8];
};

static struct line
split(char *s)
{
	static char empty[] = "";
	struct line l;

	s[strcspn(s, "\r\n")] = '\0';
	for (size_t i = 0; i < 8; i++) {
		char *tab = s != NULL ? strchr(s, '\t') : NULL;

		l.field[i] = s != NULL ? s : empty;
		if (tab != NULL)
			*tab++ = '\0';
		s = tab;
	}
	return l;
}

static bool
is_layer(const char *s)
{
	static const char *const layers[] = {
	    "wellformed", "schema", "semantic", "context", "policy", "size"};

	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		if (strcmp(layers[i], s) == 0)
			return true;
	}
	return false;
}

/*
 * A manifest of invalid documents has the layer of the fault in its second
 * column.
 */
static void
check_line(xmlRelaxNG *schema, const char *name, const struct line *l,
    struct bw_str document)
{
	const char *layer = l->field[1];
	bool valid = !is_layer(layer);
	const char *event = l->field[valid ? 2 : 4];
	struct bw_bxml_options o = {.lenient = false};
	struct seen seen = {.errors = 0};
	struct bw_reporter to = {on_finding, &seen};
	enum bw_err err;

	if (strcmp(event, "-") != 0 && event[0] != '\0')
		o.answering = (struct bw_str){event, strlen(event)};
	err = bw_bxml_check(name, document, &o, &to, NULL);
	if (valid) {
		ok(err == BW_OK, "%s: accepted: %s", name, seen.first);
		if (strcmp(l->field[3], "no") == 0)
			is_int(seen.warnings, 0, "%s: silent: %s", name,
			    seen.first);
		if (strcmp(l->field[3], "yes") == 0)
			ok(seen.warnings > 0, "%s: warned about", name);
	} else {
		is_int(err, BW_ERR_BXML, "%s: refused: %s", name, seen.first);
	}
	if (valid || strcmp(layer, "semantic") == 0 ||
	    strcmp(layer, "context") == 0)
		ok(grammar_fits(schema, document), "%s: fits the schema", name);
	else if (strcmp(layer, "schema") == 0)
		ok(!grammar_fits(schema, document), "%s: not by the schema",
		    name);
}

static void
check_folder(xmlRelaxNG *schema, const char *dir)
{
	char path[4096], text[4096];
	int lines = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/MANIFEST.tsv", dir);
	f = fopen(path, "r");
	if (!ok(f != NULL, "%s is there", path))
		return;
	while (fgets(text, sizeof(text), f) != NULL) {
		struct line l;
		struct bw_str s;
		char *document;

		if (text[0] == '#')
			continue;
		l = split(text);
		snprintf(path, sizeof(path), "%s/%s", dir, l.field[0]);
		document = tap_read_file(path, &s.n);
		if (!ok(document != NULL, "%s is there", path))
			continue;
		s.p = document;
		check_line(schema, l.field[0], &l, s);
		free(document);
		lines++;
	}
	fclose(f);
	ok(lines > 0, "%s: %d documents", dir, lines);
}

int
main(void)
{
	xmlRelaxNG *schema = grammar_load();
	const char *extra = getenv("BW_EXTRA_BXML");
	char dir[4096], *save = NULL, *copy;

	if (!ok(schema != NULL, "the schema is one"))
		return tap_done();
	snprintf(dir, sizeof(dir), "%s/bxml/valid", tap_data_dir());
	check_folder(schema, dir);
	snprintf(dir, sizeof(dir), "%s/bxml/invalid", tap_data_dir());
	check_folder(schema, dir);
	copy = extra != NULL ? strdup(extra) : NULL;
	for (char *p = copy != NULL ? strtok_r(copy, ":", &save) : NULL;
	     p != NULL; p = strtok_r(NULL, ":", &save))
		check_folder(schema, p);
	free(copy);
	grammar_free(schema);
	xmlCleanupParser();
	return tap_done();
}
