#ifndef BWCALLBACK_TOOLS_PROBE_H
#define BWCALLBACK_TOOLS_PROBE_H

/* An interface for the programs of this package: any release may change it. */

/*
 * Content types of the requests of "bwcallback doctor"; no callback has them.
 * After authentication, a probe is answered with one line of text,
 *
 *	probe: SECTION body=BYTES path=BYTES query=BYTES
 *
 * the sizes of what was received. A port-out section answers with the verdict
 * for an unreadable request, and the line in a comment. Nothing is stored or
 * run.
 */
#define BW_PROBE "application/vnd.bwcallback.probe"
/*
 * In a section with credentials, the answer to an outage probe is empty or
 * malformed, to show what the web server sends when the responder fails.
 */
#define BW_PROBE_OUTAGE "application/vnd.bwcallback.outage"

#endif
