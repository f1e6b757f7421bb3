/* Completions for fish: a line for each command, action and option. */
#include "cli/completion/completion.h"

static void
put_text(struct bw_buf *b, const char *name, const char *text)
{
	bw_buf_printf(b, " -%s '", name);
	completion_put_text(b, text, "\\", "\\'");
	bw_buf_putc(b, '\'');
}

/* A name that may follow exactly these words; with "help" before them. */
static void
put_next(struct bw_buf *b, const char *before, const char *words,
    const char *name, const char *summary)
{
	bw_buf_printf(b, "complete -c bwcallback -n '__bwcallback_is %s%s'",
	    before, words);
	put_text(b, "a", name);
	put_text(b, "d", summary);
	bw_buf_putc(b, '\n');
}

/* -x: its value is no file; -r -F: it is one. */
static void
put_option(
    struct bw_buf *b, const struct command *c, const struct option_row *row)
{
	if (c == &completion_responder)
		bw_buf_printf(b, "complete -c %s -l %s", c->name, row->name);
	else
		bw_buf_printf(b,
		    "complete -c bwcallback -n '__bwcallback_in %s' -l %s",
		    c->name, row->name);
	if (row->letter != '\0')
		bw_buf_printf(b, " -s %c", row->letter);
	if (row->kind != OPTION_FLAG)
		bw_buf_puts(b, completion_is_file(row) ? " -r -F" : " -x");
	if (option_word(row, 0).p != NULL) {
		bw_buf_puts(b, " -a '");
		completion_put_words(b, row);
		bw_buf_putc(b, '\'');
	}
	put_text(b, "d", row->help);
	bw_buf_putc(b, '\n');
}

static void
put_command(struct bw_buf *b, const struct command *c)
{
	const struct option_row *row;

	if (c->takes_files)
		bw_buf_printf(b,
		    "complete -c bwcallback -n '__bwcallback_in %s' -F\n",
		    c->name);
	for (size_t i = 0; (row = completion_row(c, i)) != NULL; i++)
		put_option(b, c, row);
}

static void
put_names(struct bw_buf *b, const char *before, const struct command *c)
{
	put_next(b, before, "", c->name, c->summary);
	if (c->actions == NULL)
		return;
	for (const struct command *a = c->actions; a->name != NULL; a++)
		put_next(b, before, c->name, completion_name(a), a->summary);
}

static void
put(struct bw_buf *b, const struct command *const *commands)
{
	bw_buf_puts(b,
	    "# Written by \"bwcallback help --completion fish\".\n\n"
	    "# Are these all the words before the cursor?\n"
	    "function __bwcallback_is\n"
	    "\tset -l words (commandline -opc)\n"
	    "\ttest \"$words[2..]\" = \"$argv\"\n"
	    "end\n\n"
	    "# Do the words before the cursor begin with these?\n"
	    "function __bwcallback_in\n"
	    "\tset -l words (commandline -opc)\n"
	    "\tset -l n (count $argv)\n"
	    "\ttest \"$words[2..$(math $n + 1)]\" = \"$argv\"\n"
	    "end\n\n"
	    "complete -c bwcallback -f\n"
	    "complete -c bwcallback -s h -l help -d 'describe it'\n"
	    "complete -c bwcallback -n __bwcallback_is -l version"
	    " -d 'print the version'\n"
	    "complete -c bwcallback -n __bwcallback_is -a help"
	    " -d 'open the manual'\n"
	    "complete -c bwcallback -n '__bwcallback_is help' -l json"
	    " -d 'print the options as JSON'\n"
	    "complete -c bwcallback -n '__bwcallback_in help' -l completion"
	    " -x -a 'bash fish zsh' -d 'print the completions of a shell'\n");
	for (size_t i = 0; commands[i] != NULL; i++)
		put_names(b, "", commands[i]);
	for (size_t i = 0; commands[i] != NULL; i++)
		put_names(b, "help ", commands[i]);
	completion_each(b, commands, put_command);
	bw_buf_puts(b,
	    "\ncomplete -c bwcallback.fcgi -f\n"
	    "complete -c bwcallback.fcgi -s h -l help -d 'describe it'\n");
	put_command(b, &completion_responder);
}

const struct completion_shell completion_fish = {"fish", put};
