#ifndef BWI_PAGE_AGAIN_H
#define BWI_PAGE_AGAIN_H

#include "page/view.h"

/* A stored event once more: as a command, as a test, by today's flow. */

/* Commands to copy; those with numbers and texts only while these are shown. */
void bwi_again_commands(struct bwi_view *, const struct bw_store_row *);
/* The call as a scenario, while numbers and texts are shown. */
void
bwi_again_scenario(struct bwi_view *, struct bw_store *, struct bw_str call);
/*
 * What today's configuration would answer, beside the stored answer, without
 * programs and modules; or the form that asks for it.
 */
void bwi_again_answer(struct bwi_view *, const struct bw_store_row *);

#endif
