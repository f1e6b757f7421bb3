#ifndef BWCALLBACK_LIMITS_H
#define BWCALLBACK_LIMITS_H

/*
 * The maximum sizes of input and output, with their reasons. Bytes, unless
 * stated otherwise. "Documented" refers to dev.bandwidth.com/docs.
 */

/*
 * The body of a callback. No limit is documented, and a group message may list
 * any number of recipients. The largest documented payload is below 4 kB.
 */
#define BW_MAX_BODY (256 * 1024)

/*
 * Members, elements and list entries in one body: as many as "[1,1,1..." has
 * in BW_MAX_BODY bytes.
 */
#define BW_MAX_NODES (128 * 1024)

/* Levels of nesting in a body. The deepest documented field is at level 4. */
#define BW_MAX_DEPTH 32

/* Events in one body. Bandwidth sends lists of one event. */
#define BW_MAX_EVENTS 1024

/* Parameters in a query. Documented callbacks have up to 25. */
#define BW_MAX_PARAMETERS 512

/* Path and query of a request. Bandwidth's API accepts URLs of up to 2048. */
#define BW_MAX_URI (32 * 1024)

/*
 * An Authorization header. User and password have up to 1024 characters each
 * (createCall, username and password).
 */
#define BW_MAX_AUTHORIZATION 8192

/*
 * A BXML document that the library writes. The documented limit is "64 KB":
 * 64,000 bytes are within it whichever way KB is read.
 */
#define BW_MAX_BXML 64000

/* A BXML document that bw_bxml_check accepts: 64 KB as 64 * 1024 bytes. */
#define BW_MAX_BXML_TAKEN 65536

/*
 * A page for the operator: some thousand series. They grow with the number of
 * sections and consumers only.
 */
#define BW_MAX_PAGE (1024 * 1024)

/* Levels of nesting in BXML: SSML nests without a documented limit. */
#define BW_MAX_BXML_DEPTH 64

/* A configuration with all files that it includes. */
#define BW_MAX_CONFIG (16 * 1024 * 1024)

/* Number of files of a configuration, and levels of <include>. */
#define BW_MAX_INCLUDES	     256
#define BW_MAX_INCLUDE_DEPTH 8

/* <store> elements: each has a connection and a thread. */
#define BW_MAX_STORES 32

/* A table (CSV), and a password file. */
#define BW_MAX_TABLE  (64 * 1024 * 1024)
#define BW_MAX_PASSWD (1024 * 1024)

/* A calendar: some ten thousand events. */
#define BW_MAX_CALENDAR (4 * 1024 * 1024)

/* A file of subscribers for port-out validation: about two million lines. */
#define BW_MAX_SUBSCRIBERS (256 * 1024 * 1024)

/*
 * Output of an external program or a module. It is more than BW_MAX_BXML, so
 * that a document that is too large is recognised as such.
 */
#define BW_MAX_PROGRAM_OUTPUT (BW_MAX_BXML + 4096)

#endif
