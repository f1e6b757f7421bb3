/* Formats the text of --help from the tables. */
#include "options/option.h"

#include <string.h>

/* Line width, and the widest column of names. */
#define WIDTH	  78
#define MAX_NAMES 24

/* "  -o, --output FILE" */
static void
put_name(struct bw_buf *b, const struct option_row *row)
{
	bw_buf_puts(b, "  ");
	if (row->letter != '\0')
		bw_buf_printf(b, "-%c, ", row->letter);
	bw_buf_printf(b, "--%s", row->name);
	if (row->argument != NULL)
		bw_buf_printf(b, " %s", row->argument);
	if (row->kind == OPTION_LIST || row->repeated)
		bw_buf_puts(b, "...");
}

static size_t
name_width(const struct option_row *row)
{
	struct bw_buf b;
	size_t n;

	bw_buf_init(&b, WIDTH);
	put_name(&b, row);
	n = b.n;
	bw_buf_free(&b);
	return n;
}

void
option_put_text(struct bw_buf *b, size_t column, const char *text)
{
	size_t at = column;

	while (*text != '\0') {
		size_t n = strcspn(text, " \n");

		if (n > 0 && at > column && at + 1 + n > WIDTH) {
			bw_buf_printf(b, "\n%*s", (int)column, "");
			at = column;
		} else if (n > 0 && at > column) {
			bw_buf_putc(b, ' ');
			at++;
		}
		bw_buf_add(b, text, n);
		at += n;
		text += n;
		if (*text == '\n') {
			bw_buf_printf(b, "\n%*s", (int)column, "");
			at = column;
		}
		text += *text != '\0';
	}
	bw_buf_putc(b, '\n');
}

static void
put_row(struct bw_buf *b, const struct option_row *row, size_t column)
{
	struct bw_buf text;
	size_t from = b->n;

	put_name(b, row);
	if (b->n - from + 2 > column)
		bw_buf_printf(b, "\n%*s", (int)column, "");
	else
		bw_buf_printf(b, "%*s", (int)(column - (b->n - from)), "");
	bw_buf_init(&text, 4096);
	bw_buf_puts(&text, row->help);
	if (option_word(row, 0).p != NULL) {
		bw_buf_puts(&text, ": ");
		option_put_words(&text, row);
	}
	bw_buf_putc(&text, '\0');
	if (text.err == BW_OK)
		option_put_text(b, column, text.p);
	else
		b->err = text.err;
	bw_buf_free(&text);
}

void
option_put_help(struct bw_buf *b, const struct option_table *tables, size_t n)
{
	size_t column = 0;

	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t t = 0; t < n; t++) {
			const struct option_row *row = tables[t].rows;

			for (; row != NULL && row->name != NULL; row++) {
				size_t width = name_width(row);

				if (!option_is_of(row, tables[t].group))
					continue;
				if (pass == 1)
					put_row(b, row, column);
				else if (width <= MAX_NAMES &&
					 width + 2 > column)
					column = width + 2;
			}
		}
	}
}
