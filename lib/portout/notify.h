#ifndef BWI_PORTOUT_NOTIFY_H
#define BWI_PORTOUT_NOTIFY_H

#include <bwcallback/event.h>
#include <bwcallback/response.h>

/*
 * A program that hears of each verdict, so that a person does. It is run by a
 * thread of its own, one at a time; the verdict is made by then, and neither
 * waits for it nor depends on it.
 */
struct bwi_notify;

/* argv is the caller's and outlives it, section is copied. */
struct bwi_notify *
bwi_notify_new(const char *const *argv, struct bw_str section) BW_CHECK;
/* What is still to be told is told; that is waited for, but not for long. */
void bwi_notify_free(struct bwi_notify *);

/* Tell of a verdict. event: NULL when none could be read. */
void bwi_notify_send(struct bwi_notify *, const struct bw_event *event,
    const struct bw_response *);
/* Why somebody was not told, as bw_config_take_warning says. */
bool bwi_notify_take_warning(struct bwi_notify *, struct bw_error *);

#endif
