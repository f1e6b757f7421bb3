#ifndef BWCALLBACK_TOOLS_OPERATION_H
#define BWCALLBACK_TOOLS_OPERATION_H

/* An interface for the programs of this package: any release may change it. */

#include <stdbool.h>

#include <bwcallback/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What a server tells the pages of the operator, <metrics> and <health>.
 */

/* The process has started with a configuration. */
BW_EXPORT void bw_operation_started(void);
/*
 * The process answers only one request, so its counters are meaningless and
 * <metrics> leaves them out.
 */
BW_EXPORT void bw_operation_single(void);
/* A changed configuration was loaded and is in force, or was refused. */
BW_EXPORT void bw_operation_reloaded(bool taken);

/* What a server does at this moment. */
struct bw_operation_load {
	unsigned workers, workers_busy;		/* threads that answer */
	unsigned connections, connections_idle; /* of the web server */
};
/*
 * Ask this function when <metrics> are asked for, from any thread; NULL: no
 * more. Call it while no request is answered.
 */
BW_EXPORT void bw_operation_set_load(
    void (*)(void *arg, struct bw_operation_load *), void *arg);

#ifdef __cplusplus
}
#endif

#endif
