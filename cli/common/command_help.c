/* Prints the help of a command, and all commands as JSON, from the tables. */
#include <stdio.h>
#include <string.h>

#include <bwcallback/limits.h>

#include "cli/common/command.h"
#include "cli/common/json_string.h"
#include "cli/common/terminal.h"

#define MAX_HELP 65536

static void
put_usage(struct bw_buf *b, const struct command *c)
{
	const char *form = c->usage;

	for (size_t i = 0; form != NULL; i++) {
		size_t n = strcspn(form, "\n");

		bw_buf_printf(b, "%s bwcallback %s%s%.*s\n",
		    i == 0 ? "usage:" : "      ", c->name, n > 0 ? " " : "",
		    (int)n, form);
		form = form[n] == '\n' ? form + n + 1 : NULL;
	}
}

static void
put_paragraphs(struct bw_buf *b, const char *text)
{
	if (text == NULL)
		return;
	bw_buf_putc(b, '\n');
	option_put_text(b, 0, text);
}

static void
put_actions(struct bw_buf *b, const struct command *c)
{
	size_t width = 0;

	for (const struct command *a = c->actions; a->name != NULL; a++) {
		size_t n = strlen(strchr(a->name, ' '));

		width = n > width ? n : width;
	}
	bw_buf_putc(b, '\n');
	for (const struct command *a = c->actions; a->name != NULL; a++) {
		bw_buf_printf(b, " %-*s  ", (int)width, strchr(a->name, ' '));
		option_put_text(b, width + 3, a->summary);
	}
	bw_buf_printf(b,
	    "\n\"bwcallback %s ACTION --help\" lists the options of each.\n",
	    c->name);
}

static void
put_options(struct bw_buf *b, const struct command *c)
{
	const struct option_table tables[] = {
	    {c->options, c->group, NULL}, {c->common, c->group, NULL}};
	struct bw_buf rows;

	bw_buf_init(&rows, MAX_HELP);
	option_put_help(&rows, tables, 2);
	if (rows.n > 0)
		bw_buf_putc(b, '\n');
	bw_buf_add(b, rows.p, rows.n);
	if (rows.err != BW_OK)
		b->err = rows.err;
	bw_buf_free(&rows);
}

int
command_print(struct bw_buf *b)
{
	enum bw_err err = b->err;

	if (err == BW_OK &&
	    (fwrite(b->p, 1, b->n, stdout) != b->n || fflush(stdout) != 0))
		err = BW_ERR_IO;
	if (err != BW_OK)
		terminal_complain("help: %s", bw_strerror(err));
	bw_buf_free(b);
	return bw_err_exit(err);
}

/* As they are: a line that is wrapped cannot be copied. */
static void
put_examples(struct bw_buf *b, const struct command *c)
{
	const char *line = c->examples;

	if (line == NULL)
		return;
	bw_buf_puts(b, "\nexamples:\n");
	while (line != NULL) {
		size_t n = strcspn(line, "\n");

		bw_buf_printf(b, "  %.*s\n", (int)n, line);
		line = line[n] == '\n' ? line + n + 1 : NULL;
	}
}

int
command_help(const struct command *c)
{
	struct bw_buf b;

	bw_buf_init(&b, MAX_HELP);
	put_usage(&b, c);
	put_paragraphs(&b, c->about);
	if (c->actions != NULL)
		put_actions(&b, c);
	else
		put_options(&b, c);
	put_paragraphs(&b, c->more);
	put_examples(&b, c);
	return command_print(&b);
}

static void
put_member(struct bw_buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	bw_buf_printf(b, ",\"%s\":", name);
	json_string(b, (struct bw_str){text, strlen(text)});
}

static void
put_words(struct bw_buf *b, const struct option_row *row)
{
	struct bw_str word = option_word(row, 0);

	if (word.p == NULL)
		return;
	bw_buf_puts(b, ",\"words\":[");
	for (size_t i = 0; word.p != NULL; word = option_word(row, ++i)) {
		bw_buf_puts(b, i > 0 ? "," : "");
		json_string(b, word);
	}
	bw_buf_putc(b, ']');
}

/*
 * "impossible" is an example of a value that is refused; "any" says that every
 * text is a value.
 */
static void
dump_option(
    struct bw_buf *b, const struct command *c, const struct option_row *row)
{
	const char letter[] = {'-', row->letter, '\0'};
	const struct option_value *value = option_value_of(row);

	bw_buf_puts(b, "{\"command\":");
	json_string(b, (struct bw_str){c->name, strlen(c->name)});
	bw_buf_printf(b, ",\"option\":\"--%s\"", row->name);
	put_member(b, "letter", row->letter != '\0' ? letter : NULL);
	put_member(b, "argument", row->argument);
	put_member(
	    b, "form", row->kind == OPTION_NUMBER ? row->form->name : NULL);
	put_words(b, row);
	put_member(b, "impossible",
	    row->kind == OPTION_NUMBER	    ? "impossible"
	    : option_word(row, 0).p != NULL ? "impossible"
	    : value != NULL		    ? value->impossible
					    : row->impossible);
	if (value != NULL && value->check == NULL)
		bw_buf_puts(b, ",\"any\":true");
	put_member(b, "needs", row->needs);
	put_member(b, "excludes", row->excludes);
	bw_buf_printf(b, ",\"repeated\":%s",
	    row->kind == OPTION_LIST || row->repeated ? "true" : "false");
	put_member(b, "help", row->help);
	bw_buf_puts(b, "}\n");
}

static void
dump_rows(
    struct bw_buf *b, const struct command *c, const struct option_row *row)
{
	for (; row != NULL && row->name != NULL; row++) {
		if (option_is_of(row, c->group))
			dump_option(b, c, row);
	}
}

static void
dump_command(struct bw_buf *b, const struct command *c)
{
	bw_buf_puts(b, "{\"command\":");
	json_string(b, (struct bw_str){c->name, strlen(c->name)});
	put_member(b, "summary", c->summary);
	put_member(b, "usage", c->usage);
	bw_buf_puts(b, "}\n");
	if (c->actions == NULL) {
		dump_rows(b, c, c->options);
		dump_rows(b, c, c->common);
	}
	for (const struct command *a = c->actions; a != NULL && a->name != NULL;
	     a++)
		dump_command(b, a);
}

int
command_dump(const struct command *const *commands)
{
	struct bw_buf b;

	bw_buf_init(&b, BW_MAX_CONFIG);
	for (size_t i = 0; commands[i] != NULL; i++)
		dump_command(&b, commands[i]);
	return command_print(&b);
}
