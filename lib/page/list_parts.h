#ifndef BWI_PAGE_LIST_PARTS_H
#define BWI_PAGE_LIST_PARTS_H

#include "page/view.h"

/* What pages with lists have in common. Arrays of names end with NULL. */

/* A form whose fields become the parameters of the page. */
void bwi_list_form_begin(struct bwi_view *, const char *page);
void bwi_list_select(struct bwi_view *, const char *name, const char *label,
    const char *any, const char *const *values);
void bwi_list_input(
    struct bwi_view *, const char *name, const char *label, const char *hint);
void bwi_list_form_end(struct bwi_view *);

/*
 * Open a table, its head, and its body. The columns "ms", "Lasted" and those
 * that count have their numbers at the right.
 */
void
bwi_list_head(struct bwi_view *, const char *class, const char *const *names);
/* A cell with a masked value. */
void bwi_list_cell(struct bwi_view *, enum bw_mask, struct bw_str);
/*
 * Open a cell with a number. On a narrow screen there is no head: the number
 * stands after its name.
 */
void bwi_list_number(struct bwi_view *, const char *name);

/* A link to the next page; cut: the time was over, so far back. */
void bwi_list_more(struct bwi_view *, uint64_t before, bool cut, int64_t back);
/*
 * Say that the list is empty. If there is a filter, link to the list without
 * each of its parts.
 */
void
bwi_list_empty(struct bwi_view *, const char *filtered, const char *otherwise);

#endif
