#ifndef BWCALLBACK_PORTOUT_H
#define BWCALLBACK_PORTOUT_H

#include <bwcallback/buf.h>
#include <bwcallback/config.h>
#include <bwcallback/error.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A verdict that nobody is sent, for the operator. */
struct bw_portout_trial {
	struct bw_str path; /* of the section; p NULL: the only one */
	struct bw_str body; /* the request */
	/*
	 * Called for each reason: the number it is about as E.164 (p NULL:
	 * the whole request), the code that the verdict has of it (0: none)
	 * and a sentence. May be NULL.
	 */
	void (*reason)(
	    void *arg, struct bw_str number, int code, const char *text);
	void *arg;
};

/*
 * Write the verdict that a configuration has for a port-out request into out,
 * which is empty. It does not count, is not told to anybody, and asks nothing
 * of earlier requests. *portable: may the numbers go?
 *
 * BW_ERR_ROUTE: no <portout> section of that path, or several and no path.
 * Any other error is one after which the section's on-error verdict goes out:
 * out and *portable hold that, and the error says what happened.
 */
BW_EXPORT enum bw_err
bw_portout_try(struct bw_config *, const struct bw_portout_trial *,
    struct bw_buf *out, bool *portable, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
