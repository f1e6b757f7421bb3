/* Completions for zsh: a function for each command and each action. */
#include "cli/completion/completion.h"

#define HELP "'(- *)'{-h,--help}'[describe it]'"

static void
put_function_name(struct bw_buf *b, const struct command *c)
{
	bw_buf_puts(b, "_bwcallback_");
	for (const char *s = c->name; *s != '\0'; s++)
		bw_buf_putc(b, *s == ' ' ? '_' : *s);
}

static void
put_text(struct bw_buf *b, const char *text)
{
	completion_put_text(b, text, "[]:\\", "'\\''");
}

/* "FILE" of "--config FILE", and how it is completed */
static void
put_value(struct bw_buf *b, const struct option_row *row)
{
	bw_buf_putc(b, ':');
	put_text(b, row->argument);
	bw_buf_putc(b, ':');
	if (option_word(row, 0).p != NULL) {
		bw_buf_putc(b, '(');
		completion_put_words(b, row);
		bw_buf_putc(b, ')');
	} else {
		bw_buf_puts(b, completion_is_file(row) ? "_files" : " ");
	}
}

/* Both forms of an option with a letter exclude each other. */
static void
put_option(struct bw_buf *b, const struct option_row *row)
{
	const char *equals = row->kind != OPTION_FLAG ? "=" : "";

	bw_buf_puts(b, " \\\n\t\t'");
	if (completion_is_repeated(row))
		bw_buf_putc(b, '*');
	if (row->letter != '\0')
		bw_buf_printf(b, "(-%c --%s)'{-%c,--%s%s}'", row->letter,
		    row->name, row->letter, row->name, equals);
	else
		bw_buf_printf(b, "--%s%s", row->name, equals);
	bw_buf_putc(b, '[');
	put_text(b, row->help);
	bw_buf_putc(b, ']');
	if (row->kind != OPTION_FLAG)
		put_value(b, row);
	bw_buf_putc(b, '\'');
}

static void
put_command(struct bw_buf *b, const struct command *c)
{
	const struct option_row *row;

	put_function_name(b, c);
	bw_buf_puts(b, "() {\n\t_arguments -S " HELP);
	for (size_t i = 0; (row = completion_row(c, i)) != NULL; i++)
		put_option(b, row);
	bw_buf_puts(
	    b, c->takes_files ? " \\\n\t\t'*:file:_files'\n}\n" : "\n}\n");
}

static void
put_described(struct bw_buf *b, const struct command *c)
{
	bw_buf_printf(b, "\t\t'%s:", completion_name(c));
	put_text(b, c->summary);
	bw_buf_puts(b, "'\n");
}

/* "_bwcallback_events": the action, then what is its own. */
static void
put_group(struct bw_buf *b, const struct command *c)
{
	put_function_name(b, c);
	bw_buf_puts(b, "_actions() {\n\tlocal -a names=(\n");
	for (const struct command *a = c->actions; a->name != NULL; a++)
		put_described(b, a);
	bw_buf_puts(b, "\t)\n\t_describe action names\n}\n");
	put_function_name(b, c);
	bw_buf_puts(b, "() {\n\tlocal curcontext=$curcontext state line\n"
		       "\t_arguments -C " HELP " '1: :");
	put_function_name(b, c);
	bw_buf_puts(
	    b, "_actions' '*:: :->rest' && return\n\tcase $words[1] in\n");
	for (const struct command *a = c->actions; a->name != NULL; a++) {
		bw_buf_printf(b, "\t%s) ", completion_name(a));
		put_function_name(b, a);
		bw_buf_puts(b, " ;;\n");
	}
	bw_buf_puts(b, "\tesac\n}\n");
}

static void
put_help(struct bw_buf *b, const struct command *const *commands)
{
	bw_buf_puts(b,
	    "_bwcallback_help() {\n\tlocal curcontext=$curcontext state line\n"
	    "\t_arguments -C '(- *)--json[print the options as JSON]' \\\n"
	    "\t\t'(- *)--completion=[print the completions of a shell]:"
	    "SHELL:(bash fish zsh)' \\\n"
	    "\t\t'1: :_bwcallback_commands' '*:: :->rest' && return\n"
	    "\tcase $words[1] in\n");
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (commands[i]->actions == NULL)
			continue;
		bw_buf_printf(
		    b, "\t%s) (( CURRENT > 2 )) || ", commands[i]->name);
		put_function_name(b, commands[i]);
		bw_buf_puts(b, "_actions ;;\n");
	}
	bw_buf_puts(b, "\tesac\n}\n");
}

static void
put_program(struct bw_buf *b, const struct command *const *commands)
{
	bw_buf_puts(b, "_bwcallback_commands() {\n\tlocal -a names=(\n");
	for (size_t i = 0; commands[i] != NULL; i++)
		put_described(b, commands[i]);
	bw_buf_puts(b,
	    "\t)\n\t_describe command names\n}\n"
	    "_bwcallback_names() {\n\tlocal -a names=('help:open the "
	    "manual')\n\t_describe command names\n\t_bwcallback_commands\n}\n"
	    "_bwcallback() {\n\tif [[ $service == *.fcgi ]]; then\n\t\t");
	put_function_name(b, &completion_responder);
	bw_buf_puts(b,
	    "\n\t\treturn\n\tfi\n"
	    "\tlocal curcontext=$curcontext state line\n"
	    "\t_arguments -C " HELP " '(- *)--version[print the version]' \\\n"
	    "\t\t'1: :_bwcallback_names' '*:: :->rest' && return\n"
	    "\tcase $words[1] in\n\thelp) _bwcallback_help ;;\n");
	for (size_t i = 0; commands[i] != NULL; i++) {
		bw_buf_printf(b, "\t%s) ", commands[i]->name);
		put_function_name(b, commands[i]);
		bw_buf_puts(b, " ;;\n");
	}
	bw_buf_puts(b, "\tesac\n}\n");
}

/* zsh runs the file when the first completion is asked for. */
static void
put(struct bw_buf *b, const struct command *const *commands)
{
	bw_buf_puts(b,
	    "#compdef bwcallback bwcallback.fcgi\n"
	    "# Written by \"bwcallback help --completion zsh\".\n\n");
	completion_each(b, commands, put_command);
	put_command(b, &completion_responder);
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (commands[i]->actions != NULL)
			put_group(b, commands[i]);
	}
	put_help(b, commands);
	put_program(b, commands);
	bw_buf_puts(b, "\n_bwcallback \"$@\"\n");
}

const struct completion_shell completion_zsh = {"zsh", put};
