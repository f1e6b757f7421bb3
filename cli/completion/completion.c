/* Completion of the command line in shells, from the tables of options. */
#include "cli/completion/completion.h"

#include <string.h>

#include <bwcallback/limits.h>

#include "cli/common/terminal.h"
#include "options/responder.h"

static const struct completion_shell *const shells[] = {
    &completion_bash,
    &completion_fish,
    &completion_zsh,
};

const struct command completion_responder = {
    .name = "bwcallback.fcgi",
    .options = responder_rows,
    .group = 1,
};

const char *
completion_name(const struct command *c)
{
	const char *space = strrchr(c->name, ' ');

	return space != NULL ? space + 1 : c->name;
}

const struct option_row *
completion_row(const struct command *c, size_t i)
{
	const struct option_row *const tables[] = {c->options, c->common};

	for (size_t t = 0; t < 2; t++) {
		const struct option_row *row = tables[t];

		for (; row != NULL && row->name != NULL; row++) {
			if (option_is_of(row, c->group) && i-- == 0)
				return row;
		}
	}
	return NULL;
}

bool
completion_is_repeated(const struct option_row *row)
{
	return row->kind == OPTION_LIST || row->repeated;
}

bool
completion_is_file(const struct option_row *row)
{
	return row->argument != NULL && strcmp(row->argument, "FILE") == 0;
}

void
completion_put_words(struct bw_buf *b, const struct option_row *row)
{
	struct bw_str word = option_word(row, 0);

	for (size_t i = 0; word.p != NULL; word = option_word(row, ++i)) {
		bw_buf_puts(b, i > 0 ? " " : "");
		bw_buf_str(b, word);
	}
}

void
completion_put_text(
    struct bw_buf *b, const char *text, const char *special, const char *quote)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'') {
			bw_buf_puts(b, quote);
			continue;
		}
		if (strchr(special, *text) != NULL)
			bw_buf_putc(b, '\\');
		bw_buf_putc(b, *text);
	}
}

void
completion_each(struct bw_buf *b, const struct command *const *commands,
    void (*put)(struct bw_buf *, const struct command *))
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct command *action = commands[i]->actions;

		if (action == NULL)
			put(b, commands[i]);
		for (; action != NULL && action->name != NULL; action++)
			put(b, action);
	}
}

int
command_complete(const struct command *const *commands, const char *shell)
{
	struct bw_buf b;

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(shells[i]->name, shell) != 0)
			continue;
		bw_buf_init(&b, BW_MAX_CONFIG);
		shells[i]->put(&b, commands);
		return command_print(&b);
	}
	terminal_complain(
	    "help: --completion %s: must be bash, fish or zsh", shell);
	return 64;
}
