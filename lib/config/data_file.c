/* The files of <calendar> and <table>, and their last valid versions. */
#include "config/data_file.h"

#include <string.h>

#include <bwcallback/limits.h>

#include "base/alloc.h"
#include "config/config_internal.h"
#include "os/file.h"

/* Each request reads the compiled form, so a large file is not saved. */
#define MAX_SAVED (256 * 1024)

static bool
is_calendar(const xmlNode *node)
{
	return bwi_node_is(node, "calendar");
}

bool
bwi_data_file_is(const xmlNode *node)
{
	return is_calendar(node) || bwi_node_is(node, "table");
}

static enum bw_err
copy_text(struct bw_str s, const char *file, char **text, struct bw_error *e)
{
	*text = bwi_alloc(s.n + 1);
	if (*text == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	memcpy(*text, s.p, s.n + 1);
	return BW_OK;
}

/*
 * Keep a text for the compiled form, in which a string has no NUL. No form is
 * written if the text turns out to be invalid.
 */
static void
save(struct bwi_loader *l, const xmlNode *node, struct bw_str s)
{
	struct bwi_data_file *f;

	if (l->auth_cache_path == NULL || s.n == 0 || s.n > MAX_SAVED ||
	    memchr(s.p, '\0', s.n) != NULL)
		return;
	f = bwi_arena_alloc(&l->config->arena, sizeof(*f));
	if (f != NULL)
		*f = (struct bwi_data_file){
		    l->data_files, node, bwi_arena_copy(&l->config->arena, s)};
	if (f == NULL || f->text.p == NULL)
		bwi_loader_no_memory(l);
	else
		l->data_files = f;
}

enum bw_err
bwi_data_file_read(struct bwi_loader *l, const xmlNode *node, const char *file,
    size_t max, char **text, size_t *n, struct bw_error *e)
{
	struct bw_str saved = {NULL, 0};
	enum bw_err err;

	*text = NULL;
	if (l->compiled)
		saved = bwi_loader_text(l, node);
	if (saved.n != 0) {
		*n = saved.n;
		return copy_text(saved, file, text, e);
	}
	err = bwi_file_read(file, max, text, n, e);
	if (err == BW_OK && !l->compiled)
		save(l, node, (struct bw_str){*text, *n});
	return err;
}

struct bw_str
bwi_data_file_text(const struct bwi_loader *l, const xmlNode *node)
{
	const struct bwi_data_file *f = l->data_files;

	while (f != NULL && f->node != node)
		f = f->next;
	return f != NULL ? f->text : (struct bw_str){NULL, 0};
}

/* Takes the text. */
static enum bw_err
parse(struct bwi_loader *l, const xmlNode *node, const char *file, char *text,
    size_t n, struct bw_error *e)
{
	struct bwi_dates *dates = NULL;
	struct bwi_table *table = NULL;
	enum bw_err err;

	if (!is_calendar(node)) {
		err = bwi_table_parse_take(
		    &table, file, text, n, bwi_loader_attr(l, node, "key"), e);
		if (err == BW_OK)
			bwi_table_free(table);
		return err;
	}
	err = bwi_dates_parse(
	    &dates, file, (struct bw_str){text, n}, BWI_ZONE_DIR, e);
	if (err == BW_OK)
		bwi_dates_free(dates);
	bwi_free(text);
	return err;
}

static bool
is_current(struct bwi_loader *l, const xmlNode *node)
{
	struct bw_str saved = bwi_loader_text(l, node);
	const char *file =
	    bwi_loader_path(l, node, bwi_loader_attr(l, node, "file"));
	struct bw_error e = {0};
	char *text = NULL;
	size_t n = 0;
	enum bw_err err;

	if (file == NULL || saved.n == 0)
		return true;
	err = bwi_file_read(file,
	    is_calendar(node) ? BW_MAX_CALENDAR : BW_MAX_TABLE, &text, &n, &e);
	if (err == BW_OK && n == saved.n && memcmp(text, saved.p, n) == 0) {
		bwi_free(text);
		return true;
	}
	if (err == BW_OK)
		err = parse(l, node, file, text, n, &e);
	if (err == BW_OK)
		return false;
	bwi_loader_warn(
	    l, node, "%s; the last valid version of this file is used", e.msg);
	return true;
}

bool
bwi_data_files_are_current(struct bwi_loader *l, const xmlNode *root)
{
	for (const xmlNode *c = root->children; c != NULL; c = c->next) {
		if (c->type == XML_ELEMENT_NODE && bwi_data_file_is(c) &&
		    !is_current(l, c))
			return false;
	}
	return true;
}
