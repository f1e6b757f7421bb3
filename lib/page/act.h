#ifndef BWI_PAGE_ACT_H
#define BWI_PAGE_ACT_H

#include "page/view.h"

/*
 * Forms that do something. A browser sends the password of these pages with
 * every request to them, even if another site causes the request. So a POST is
 * only obeyed if the browser says that it comes from these pages (Origin, and
 * Sec-Fetch-Site where browsers send it), and if its form was in a page that
 * this user has loaded (act_token.h).
 */

/*
 * Put a form with one button, if the user has the permission. The object
 * stands for what it is done to, within the page; it is part of the proof.
 * remark: what is said beside the button, or NULL.
 */
void bwi_act_put(struct bwi_view *, enum bwi_permission, const char *action,
    struct bw_str object, const char *button, const char *remark);

/*
 * May the request be obeyed? Reads the form. false: the answer says why not,
 * and nothing was done.
 */
bool bwi_act_admit(struct bwi_view *) BW_CHECK;
/* Does the form ask for the action, and may the user do that? */
bool
bwi_act_is(struct bwi_view *, enum bwi_permission, const char *action) BW_CHECK;
/* The answer to a form that may not be obeyed. */
void bwi_act_refuse(struct bwi_view *);
/* Show the page again with numbers and texts, if the form asks for that. */
void bwi_act_reveal(struct bwi_view *);
/* The object of the form's action. */
struct bw_str bwi_act_object(const struct bwi_view *);

/*
 * Before something is done: record it as an event of the family "operator", and
 * wait until that is stored. *seq is its number. false: it is not stored, and
 * the answer says so; do nothing.
 */
bool bwi_act_record(struct bwi_view *, const char *action, struct bw_str object,
    uint64_t *seq) BW_CHECK;
/* Afterwards: record the result as the answer to that event. */
void
bwi_act_done(struct bwi_view *, uint64_t seq, int status, const char *result);

#endif
