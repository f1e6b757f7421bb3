#ifndef BWI_PORTOUT_NOTIFY_H
#define BWI_PORTOUT_NOTIFY_H

#include <bwcallback/event.h>
#include <bwcallback/response.h>

/*
 * A program that is run after each verdict, to inform a person. A separate
 * thread runs it, one verdict at a time; the answer to Bandwidth neither waits
 * for it nor depends on it.
 */
struct bwi_notify;

/* Copies argv and section. */
struct bwi_notify *
bwi_notify_new(const char *const *argv, struct bw_str section) BW_CHECK;
/* Waits up to two seconds until the queued verdicts are passed on. */
void bwi_notify_free(struct bwi_notify *);

/* Queue a verdict. event: NULL if the request could not be decoded. */
void bwi_notify_send(struct bwi_notify *, const struct bw_event *event,
    const struct bw_response *);
/* A failure to pass on a verdict, as bw_config_take_warning reports it. */
bool bwi_notify_take_warning(struct bwi_notify *, struct bw_error *);

#endif
