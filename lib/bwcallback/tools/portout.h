#ifndef BWCALLBACK_TOOLS_PORTOUT_H
#define BWCALLBACK_TOOLS_PORTOUT_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/buf.h>
#include <bwcallback/config.h>
#include <bwcallback/error.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A port-out request to judge as a trial, which is not recorded. */
struct bw_portout_trial {
	struct bw_str path; /* of the <portout> section; p NULL: the only one */
	struct bw_str body; /* PortOutValidationRequest, XML */
	/*
	 * Called for each reason of the verdict: the telephone number in E.164
	 * (p NULL: the whole request), the code in the verdict (0: none) and a
	 * sentence. May be NULL.
	 */
	void (*reason)(
	    void *arg, struct bw_str number, int code, const char *text);
	void *arg;
};

/*
 * Write the verdict for a port-out request into out, which must be empty.
 * *portable: whether the numbers may be ported out. The request is not stored,
 * does not run <notify>, and does not count for velocity; earlier requests are
 * not considered.
 *
 * BW_ERR_ROUTE: no <portout> section with this path, or several and no path.
 * After any other error, out and *portable are the configured on-error verdict.
 */
BW_EXPORT enum bw_err
bw_portout_try(struct bw_config *, const struct bw_portout_trial *,
    struct bw_buf *out, bool *portable, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
