/* The findings of bwcallback doctor, with consequences and cures. */
#include "cli/doctor/doctor_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/tools/printable.h>
#include <bwcallback/tools/url.h>

#include "cli/common/json_string.h"
#include "cli/common/shell_word.h"
#include "cli/common/terminal.h"

#define MAX_TEXT 65536
#define MAX_SEEN 600

/* Indentation and line width of printed text. */
#define INDENT 9
#define WIDTH  78

static const struct {
	const char *name;
	enum bw_severity severity;
	bool fails;
	const char *what;
	const char *means;
} findings[] = {
#define FINDING(NAME, name, severity, fails, what, means) \
	[DOCTOR_##NAME] = {name, BW_SEVERITY_##severity, fails, what, means},
#include "cli/doctor/doctor.def"
};

static const struct cure {
	enum doctor_id id;
	enum doctor_server server;
	const char *where;
	const char *line;
} cures[] = {
#define CURE(NAME, server, where, line) \
	{DOCTOR_##NAME, DOCTOR_##server, where, line},
#include "cli/doctor/doctor.def"
};
#define CURES (sizeof(cures) / sizeof(cures[0]))

static const char *const labels[] = {
#define SERVER(NAME, header, label) [DOCTOR_##NAME] = (label),
#include "cli/doctor/doctor.def"
};

static const struct doctor_family families[] = {
#define FAMILY(element, wait, consequence) {element, wait, consequence},
#include "cli/doctor/doctor.def"
};
#define FAMILIES (sizeof(families) / sizeof(families[0]))

const struct doctor_family *
doctor_family(const char *element)
{
	for (size_t i = 0; element != NULL && i < FAMILIES; i++) {
		if (strcmp(families[i].element, element) == 0)
			return &families[i];
	}
	return NULL;
}

static struct bw_str
str(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

void
doctor_found(struct doctor_report *r, enum doctor_id id, const char *location,
    const struct doctor_family *family, enum doctor_server server,
    const char *format, ...)
{
	struct doctor_found *f = &r->found[id];
	char seen[MAX_SEEN];
	va_list ap;

	if (f->n == 0) {
		va_start(ap, format);
		(void)vsnprintf(seen, sizeof(seen), format, ap);
		va_end(ap);
		f->seen = strdup(seen);
		f->server = server;
		r->order[r->n++] = id;
	}
	if (f->n < DOCTOR_LOCATIONS) {
		f->locations[f->n] = strdup(location);
		f->families[f->n] = family;
		if (f->locations[f->n] == NULL || f->seen == NULL)
			r->failed = true;
	}
	f->n++;
}

void
doctor_found_passwd(
    struct doctor_report *r, enum doctor_id id, const char *file)
{
	struct doctor_found *f = &r->found[id];

	for (size_t i = 0; i < f->npasswds; i++) {
		if (strcmp(f->passwds[i], file) == 0)
			return;
	}
	if (f->npasswds < DOCTOR_LOCATIONS) {
		f->passwds[f->npasswds] = strdup(file);
		if (f->passwds[f->npasswds++] == NULL)
			r->failed = true;
	}
}

bool
doctor_has(const struct doctor_report *r, enum doctor_id id)
{
	return r->found[id].n != 0;
}

bool
doctor_failed(const struct doctor_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (findings[r->order[i]].severity == BW_SEVERITY_ERROR)
			return true;
	}
	return false;
}

static size_t
locations(const struct doctor_found *f)
{
	return f->n < DOCTOR_LOCATIONS ? f->n : DOCTOR_LOCATIONS;
}

/*
 * Add the consequences of failed callbacks for each family affected. If the
 * family is unknown, use the most important families.
 */
static void
put_consequences(struct bw_buf *b, const struct doctor_found *f)
{
	static const char *const usual[] = {
	    "voice", "messaging", "numbers", "portout"};
	bool affected[FAMILIES] = {false};

	for (size_t i = 0; i < locations(f); i++) {
		if (f->families[i] != NULL)
			affected[f->families[i] - families] = true;
	}
	if (memchr(affected, true, sizeof(affected)) == NULL) {
		for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
			affected[doctor_family(usual[i]) - families] = true;
	}
	for (size_t i = 0; i < FAMILIES; i++) {
		bool before = false;

		for (size_t k = 0; k < i; k++)
			before =
			    before ||
			    (affected[k] && strcmp(families[k].consequence,
						families[i].consequence) == 0);
		if (affected[i] && !before)
			bw_buf_printf(b, "; %s", families[i].consequence);
	}
}

static void
put_means(struct bw_buf *b, enum doctor_id id, const struct doctor_found *f)
{
	bw_buf_puts(b, findings[id].means);
	if (findings[id].fails)
		put_consequences(b, f);
}

/*
 * Does the cure apply to this server? If the server is unknown, all cures do.
 */
static bool
is_for(const struct cure *c, enum doctor_id id, const struct doctor_found *f)
{
	return c->id == id &&
	       (c->server == DOCTOR_ANY || f->server == DOCTOR_ANY ||
		   c->server == f->server);
}

/* Append a title and a printable text, wrapped to the width of a terminal. */
static void
put_printable(struct bw_buf *b, const char *title, struct bw_str text)
{
	size_t column = INDENT;

	bw_buf_printf(b, "  %-*s", INDENT - 2, title);
	while (text.n > 0) {
		const char *blank = memchr(text.p, ' ', text.n);
		size_t n = blank != NULL ? (size_t)(blank - text.p) : text.n;

		if (column > INDENT && column + 1 + n > WIDTH) {
			bw_buf_printf(b, "\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			bw_buf_putc(b, ' ');
			column++;
		}
		bw_buf_add(b, text.p, n);
		column += n;
		n += blank != NULL;
		text = (struct bw_str){text.p + n, text.n - n};
	}
	bw_buf_putc(b, '\n');
}

/* The same with text from outside. Its terminal controls are replaced. */
static void
put_wrapped(struct bw_buf *b, const char *title, struct bw_str text)
{
	struct bw_buf printable;

	bw_buf_init(&printable, MAX_TEXT);
	bw_printable_add(&printable, text);
	put_printable(b, title, (struct bw_str){printable.p, printable.n});
	if (printable.err != BW_OK)
		b->err = printable.err;
	bw_buf_free(&printable);
}

static void
put_locations(struct bw_buf *b, const struct doctor_found *f, size_t n)
{
	for (size_t i = 0; i < n && i < locations(f); i++) {
		bw_buf_puts(b, i > 0 ? " " : "");
		shell_word(b, f->locations[i]);
	}
}

/* Append the value of a placeholder. Returns false if the name is unknown. */
static bool
put_known(struct bw_buf *b, const struct doctor_report *r,
    const struct doctor_found *f, const char *passwd, struct bw_str name)
{
	if (bw_str_is(name, "{file}"))
		put_locations(b, f, 1);
	else if (bw_str_is(name, "{files}"))
		put_locations(b, f, DOCTOR_LOCATIONS);
	else if (bw_str_is(name, "{config}"))
		shell_word(b, r->config != NULL ? r->config : "callbacks.xml");
	else if (bw_str_is(name, "{user}"))
		shell_word(b, r->user[0] != '\0' ? r->user : "bwcallback");
	else if (bw_str_is(name, "{passwd}"))
		shell_word(b, passwd);
	else if (bw_str_is(name, "{login}"))
		shell_word(b, r->login != NULL ? r->login : "USER");
	else
		return false;
	return true;
}

/* The line of a cure, with the paths that are known. */
static void
put_line(struct bw_buf *b, const struct doctor_report *r,
    const struct doctor_found *f, const char *passwd, const char *line)
{
	while (*line != '\0') {
		const char *end = *line == '{' ? strchr(line, '}') : NULL;
		struct bw_str name = {line, 1};

		if (end != NULL)
			name.n = (size_t)(end + 1 - line);
		if (end == NULL || !put_known(b, r, f, passwd, name)) {
			name.n = 1;
			bw_buf_putc(b, *line);
		}
		line += name.n;
	}
}

/* The number of lines of a cure: one for each password file, if it names that.
 */
static size_t
count_lines(const struct doctor_found *f, const struct cure *c)
{
	bool each = strstr(c->line, "{passwd}") != NULL;

	return each && f->npasswds > 0 ? f->npasswds : 1;
}

static void
put_cure_line(struct bw_buf *b, const struct doctor_report *r,
    const struct doctor_found *f, const struct cure *c, size_t i)
{
	put_line(b, r, f, f->npasswds > 0 ? f->passwds[i] : "FILE", c->line);
}

static void
put_cures(struct bw_buf *b, const struct doctor_report *r, enum doctor_id id,
    const struct doctor_found *f)
{
	for (size_t i = 0; i < CURES; i++) {
		char where[240];

		if (!is_for(&cures[i], id, f))
			continue;
		(void)snprintf(where, sizeof(where),
		    "%s%s%s:", labels[cures[i].server],
		    cures[i].server == DOCTOR_ANY ? "" : ", ", cures[i].where);
		put_wrapped(b, "cure:", str(where));
		for (size_t k = 0; k < count_lines(f, &cures[i]); k++) {
			bw_buf_printf(b, "%13s", "");
			put_cure_line(b, r, f, &cures[i], k);
			bw_buf_putc(b, '\n');
		}
	}
}

static void
put_text(struct bw_buf *b, const struct doctor_report *r, enum doctor_id id,
    const struct doctor_found *f)
{
	struct bw_buf means;

	bw_printable_add(b, str(f->locations[0]));
	bw_buf_printf(b, ": %s: %s\n", bw_severity_name(findings[id].severity),
	    findings[id].what);
	put_wrapped(b, "seen:", str(f->seen));
	for (size_t i = 1; i < locations(f); i++)
		put_wrapped(b, "also:", str(f->locations[i]));
	if (f->n > DOCTOR_LOCATIONS)
		bw_buf_printf(
		    b, "  also:  %zu more\n", f->n - DOCTOR_LOCATIONS);
	bw_buf_init(&means, MAX_TEXT);
	put_means(&means, id, f);
	put_wrapped(b, "means:", (struct bw_str){means.p, means.n});
	if (means.err != BW_OK)
		b->err = means.err;
	bw_buf_free(&means);
	put_cures(b, r, id, f);
}

static void
put_member(struct bw_buf *b, const char *name, struct bw_str value)
{
	bw_buf_printf(b, ",\"%s\":", name);
	json_string(b, value);
}

static void
put_json_cure(struct bw_buf *b, const struct doctor_report *r,
    const struct doctor_found *f, const struct cure *c, size_t i)
{
	struct bw_buf line;

	bw_buf_init(&line, MAX_TEXT);
	put_cure_line(&line, r, f, c, i);
	bw_buf_printf(b, "{\"server\":\"%s\"", labels[c->server]);
	put_member(b, "where", str(c->where));
	put_member(b, "line", (struct bw_str){line.p, line.n});
	bw_buf_puts(b, "}");
	if (line.err != BW_OK)
		b->err = line.err;
	bw_buf_free(&line);
}

static void
put_json(struct bw_buf *b, const struct doctor_report *r, enum doctor_id id,
    const struct doctor_found *f)
{
	struct bw_buf means;
	const char *between = "";

	bw_buf_printf(b, "{\"finding\":\"%s\",\"severity\":\"%s\"",
	    findings[id].name, bw_severity_name(findings[id].severity));
	bw_buf_puts(b, ",\"places\":[");
	for (size_t i = 0; i < locations(f); i++) {
		bw_buf_puts(b, i > 0 ? "," : "");
		json_string(b, str(f->locations[i]));
	}
	bw_buf_puts(b, "]");
	put_member(b, "what", str(findings[id].what));
	put_member(b, "seen", str(f->seen));
	bw_buf_init(&means, MAX_TEXT);
	put_means(&means, id, f);
	put_member(b, "means", (struct bw_str){means.p, means.n});
	if (means.err != BW_OK)
		b->err = means.err;
	bw_buf_free(&means);
	bw_buf_puts(b, ",\"cures\":[");
	for (size_t i = 0; i < CURES; i++) {
		if (!is_for(&cures[i], id, f))
			continue;
		for (size_t k = 0; k < count_lines(f, &cures[i]); k++) {
			bw_buf_puts(b, between);
			put_json_cure(b, r, f, &cures[i], k);
			between = ",";
		}
	}
	bw_buf_puts(b, "]}\n");
}

static void
print_one(const struct doctor_report *r, enum doctor_id id, bool json)
{
	const struct doctor_found *f = &r->found[id];
	struct bw_buf b;

	bw_buf_init(&b, 4 * MAX_TEXT);
	if (json)
		put_json(&b, r, id, f);
	else
		put_text(&b, r, id, f);
	if (b.err == BW_OK)
		(void)fwrite(b.p, 1, b.n, stdout);
	else
		terminal_complain("%s", bw_strerror(b.err));
	bw_buf_free(&b);
}

void
doctor_print(const struct doctor_report *r, bool json)
{
	for (size_t i = 0; !r->failed && i < r->n; i++) {
		if (i > 0 && !json)
			(void)putchar('\n');
		print_one(r, r->order[i], json);
	}
	if (r->failed)
		terminal_complain("%s", bw_strerror(BW_ERR_NOMEM));
}

void
doctor_report_free(struct doctor_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct doctor_found *f = &r->found[r->order[i]];

		for (size_t k = 0; k < locations(f); k++)
			free(f->locations[k]);
		for (size_t k = 0; k < f->npasswds; k++)
			free(f->passwds[k]);
		free(f->seen);
	}
	*r = (struct doctor_report){.n = 0};
}

void
doctor_step(const char *location, const char *what)
{
	if (isatty(STDERR_FILENO) != 0)
		fprintf(stderr, "\r\033[K%.50s: %.25s", location, what);
}

void
doctor_step_end(void)
{
	if (isatty(STDERR_FILENO) != 0)
		fputs("\r\033[K", stderr);
}
