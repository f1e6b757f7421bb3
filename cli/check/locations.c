/*
 * Compares the paths of a configuration with those that a web server passes on.
 */
#include "cli/check/locations.h"

#include <stdio.h>
#include <string.h>

#include <bwcallback/buf.h>

#include "cli/check/handover.h"
#include "cli/common/input.h"
#include "cli/common/terminal.h"

/* Longest configuration of a web server that is read. */
#define MAX_FILE ((size_t)16 << 20)

/* The line for each server: before and after the expression. */
static const struct {
	const char *name, *before, *after;
} lines[] = {
    [BW_SERVER_NGINX] = {"nginx", "location ~ ", " {"},
    [BW_SERVER_APACHE] = {"Apache", "ProxyPassMatch \"",
	"\" \"unix:/run/bwcallback/bwcallback.sock|fcgi://bwcallback/\""},
    [BW_SERVER_FCGID] = {"Apache", "<LocationMatch \"", "\">"},
    [BW_SERVER_CGI] = {"Apache", "ScriptAliasMatch \"",
	"\" \"/usr/local/bin/bwcallback.fcgi\""},
};

/* The first folder of a section's path, "/voice" of "/voice/menu". */
static struct bw_str
first_folder(struct bw_str path)
{
	const char *end =
	    path.n > 1 ? memchr(path.p + 1, '/', path.n - 1) : NULL;

	if (end != NULL)
		path.n = (size_t)(end - path.p);
	return path;
}

static void
add_literal(struct bw_buf *b, struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (strchr(".*+?()[]{}|^$\\", s.p[i]) != NULL)
			bw_buf_putc(b, '\\');
		bw_buf_putc(b, s.p[i]);
	}
}

/* Does one of the first n sections begin with this folder? */
static bool
has_folder(const struct bw_config *config, size_t n, struct bw_str folder)
{
	struct bw_section s;

	for (size_t i = 0; i < n && bw_config_section(config, i, &s); i++) {
		if (bw_str_eq(first_folder(s.path), folder))
			return true;
	}
	return false;
}

static void
write_pattern(const struct bw_config *config, struct bw_buf *b)
{
	struct bw_section s;

	for (size_t i = 0; bw_config_section(config, i, &s); i++) {
		struct bw_str folder = first_folder(s.path);

		if (i == 0) {
			bw_buf_putc(b, '^');
			add_literal(b, s.mount);
			bw_buf_puts(b, "/(?:");
		}
		if (has_folder(config, i, folder))
			continue;
		if (i > 0)
			bw_buf_putc(b, '|');
		add_literal(b, (struct bw_str){folder.p + 1, folder.n - 1});
	}
	bw_buf_puts(b, ")(?:/|$)");
}

void
locations_print(const struct bw_config *config, enum bw_server server)
{
	struct bw_section s;
	struct bw_buf b;

	if (!bw_config_section(config, 0, &s))
		return;
	bw_buf_init(&b, MAX_FILE);
	write_pattern(config, &b);
	bw_buf_putc(&b, '\0');
	if (b.err == BW_OK) {
		printf("%s hands over the paths of this configuration with:\n"
		       "    %s",
		    lines[server].name, lines[server].before);
		terminal_text(stdout, (struct bw_str){b.p, strlen(b.p)});
		printf("%s\n", lines[server].after);
	}
	bw_buf_free(&b);
}

static void
report(const struct bw_reporter *to, const char *file, const char *text)
{
	to->fn(to->arg,
	    &(struct bw_finding){
		.severity = BW_SEVERITY_WARNING, .file = file, .text = text});
}

static void
ignore(void *unused, const struct bw_finding *finding)
{
	(void)unused;
	(void)finding;
}

/* Report the sections that are not handed over. */
static enum bw_err
compare(const struct bw_config *config, enum bw_server server,
    struct handover *h, const char *file, const struct bw_reporter *to)
{
	struct bw_buf b, text;
	struct bw_section s;
	enum bw_err err;

	bw_buf_init(&b, MAX_FILE);
	bw_buf_init(&text, MAX_FILE);
	for (size_t i = 0; bw_config_section(config, i, &s); i++) {
		bw_buf_reset(&b);
		bw_buf_reset(&text);
		bw_buf_str(&b, s.mount);
		bw_buf_str(&b, s.path);
		bw_buf_putc(&b, '\0');
		if (b.err != BW_OK ||
		    (server == BW_SERVER_NGINX ? handover_nginx(h, b.p)
					       : handover_apache(h, b.p)))
			continue;
		bw_buf_printf(&text,
		    "<%s path=\"%.*s\">: this file does not hand over %s: the "
		    "web server answers it itself, with a 404%c",
		    s.element, (int)s.path.n, s.path.p, b.p, '\0');
		if (text.err == BW_OK)
			report(to, file, text.p);
	}
	err = b.err != BW_OK ? b.err : text.err;
	bw_buf_free(&b);
	bw_buf_free(&text);
	return err;
}

enum bw_err
locations_compare(const struct bw_config *config, enum bw_server server,
    const char *file, const struct bw_reporter *to, struct bw_error *e)
{
	struct handover h = {0};
	struct bw_buf text;
	enum bw_err err;

	bw_buf_init(&text, MAX_FILE);
	err = input_read(file, &text, e);
	if (err == BW_OK) {
		struct bw_str all = {text.p, text.n};

		err = server == BW_SERVER_NGINX
			  ? nginx_file_read(file, all, &h, e)
			  : apache_file_read(file, all, &h, e);
	}
	if (err == BW_OK) {
		/* First find out whether everything can be compared. */
		const struct bw_reporter none = {ignore, NULL};

		err = compare(config, server, &h, file, &none);
		if (err == BW_OK && h.uncompared == 0)
			err = compare(config, server, &h, file, to);
		if (err != BW_OK)
			(void)bw_error_set(
			    e, err, 0, "%s: out of memory", file);
	}
	if (h.uncompared > 0)
		report(to, file,
		    "an expression or a RewriteRule decides about paths in a "
		    "way that this command cannot compare: ask bwcallback "
		    "doctor");
	handover_free(&h);
	bw_buf_free(&text);
	return err;
}
