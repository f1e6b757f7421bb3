#include "cli/check/words.h"

#include <string.h>

enum bw_err
words_init(
    struct words *w, const char *file, struct bw_str text, struct bw_error *e)
{
	*w = (struct words){.file = file, .error = e};
	for (size_t i = 0; i < WORDS_MAX; i++)
		bw_buf_init(&w->v[i], text.n + 2);
	if (text.n == 0 || memchr(text.p, '\0', text.n) != NULL)
		return bw_error_set(
		    e, BW_ERR_CONFIG, 0, "%s: not a configuration", file);
	return BW_OK;
}

void
words_free(struct words *w)
{
	for (size_t i = 0; i < WORDS_MAX; i++)
		bw_buf_free(&w->v[i]);
}

void
words_reset(struct words *w)
{
	for (size_t i = 0; i < WORDS_MAX; i++)
		bw_buf_reset(&w->v[i]);
	w->n = 0;
}

void
words_add(struct words *w, char c)
{
	if (w->n < WORDS_MAX)
		bw_buf_putc(&w->v[w->n], c);
}

enum bw_err
words_end(struct words *w)
{
	struct bw_buf *b = &w->v[w->n < WORDS_MAX ? w->n : 0];

	if (w->n == WORDS_MAX)
		return BW_OK;
	bw_buf_putc(b, '\0');
	w->n++;
	return b->err == BW_OK ? BW_OK
			       : bw_error_set(w->error, BW_ERR_NOMEM, 0,
				     "%s: out of memory", w->file);
}

const char *
words_get(const struct words *w, size_t i)
{
	return i < w->n ? w->v[i].p : "";
}
