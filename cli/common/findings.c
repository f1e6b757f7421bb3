#include "cli/common/findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/buf.h>

#include "cli/common/json_string.h"
#include "cli/common/terminal.h"

struct saved {
	struct bw_finding finding; /* owns file and text */
	size_t order;
	char *file, *text;
};

/* A message has at most BW_ERROR_MSG_SIZE bytes; an escaped byte takes six. */
#define MAX_JSON 16384

static bool
make_room(struct findings *all)
{
	size_t cap = all->cap != 0 ? all->cap * 2 : 16;
	struct saved *more;

	if (all->n < all->cap)
		return true;
	more = realloc(all->saved, cap * sizeof(*more));
	if (more == NULL)
		return false;
	all->saved = more;
	all->cap = cap;
	return true;
}

void
findings_take(void *arg, const struct bw_finding *f)
{
	struct findings *all = arg;
	struct saved *k;

	if (f->severity == BW_SEVERITY_ERROR)
		all->errors++;
	else
		all->warnings++;
	if (!make_room(all)) {
		all->failed = true;
		return;
	}
	k = &all->saved[all->n];
	*k = (struct saved){*f, all->n, strdup(f->file), strdup(f->text)};
	if (k->file == NULL || k->text == NULL) {
		free(k->file);
		free(k->text);
		all->failed = true;
		return;
	}
	k->finding.file = k->file;
	k->finding.text = k->text;
	all->n++;
}

static int
compare(const void *a, const void *b)
{
	const struct saved *x = a, *y = b;
	int d = strcmp(x->file, y->file);

	if (d == 0)
		d = (x->finding.line > y->finding.line) -
		    (x->finding.line < y->finding.line);
	return d != 0 ? d : (x->order > y->order) - (x->order < y->order);
}

static const char *
severity(const struct bw_finding *f)
{
	return f->severity == BW_SEVERITY_ERROR ? "error" : "warning";
}

static void
print_json(const struct bw_finding *f)
{
	struct bw_buf out;

	bw_buf_init(&out, MAX_JSON);
	bw_buf_puts(&out, "{\"file\":");
	json_string(&out, (struct bw_str){f->file, strlen(f->file)});
	bw_buf_printf(&out,
	    ",\"line\":%d,\"column\":%d,\"severity\":\"%s\",\"message\":",
	    f->line, f->column, severity(f));
	json_string(&out, (struct bw_str){f->text, strlen(f->text)});
	bw_buf_puts(&out, "}\n");
	if (out.err == BW_OK)
		fwrite(out.p, 1, out.n, stdout);
	else
		terminal_complain("%s", bw_strerror(out.err));
	bw_buf_free(&out);
}

static void
print_text(const struct bw_finding *f)
{
	terminal_text(stdout, (struct bw_str){f->file, strlen(f->file)});
	if (f->line > 0)
		printf(":%d", f->line);
	if (f->line > 0 && f->column > 0)
		printf(":%d", f->column);
	printf(": %s: ", severity(f));
	terminal_text(stdout, (struct bw_str){f->text, strlen(f->text)});
	putchar('\n');
}

void
findings_print(struct findings *all, bool json)
{
	if (all->n != 0)
		qsort(all->saved, all->n, sizeof(*all->saved), compare);
	for (size_t i = 0; i < all->n; i++) {
		if (json)
			print_json(&all->saved[i].finding);
		else
			print_text(&all->saved[i].finding);
	}
	if (all->failed)
		terminal_complain("%s", bw_strerror(BW_ERR_NOMEM));
	findings_free(all);
}

void
findings_free(struct findings *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free(all->saved[i].file);
		free(all->saved[i].text);
	}
	free(all->saved);
	all->saved = NULL;
	all->n = all->cap = 0;
}

void
finding_complain(void *unused, const struct bw_finding *f)
{
	struct bw_buf line;

	(void)unused;
	bw_buf_init(&line, MAX_JSON);
	bw_finding_write(f, &line);
	terminal_text(stderr, (struct bw_str){line.p, line.n});
	putc('\n', stderr);
	bw_buf_free(&line);
}
