#ifndef BWCALLBACK_LIMITS_H
#define BWCALLBACK_LIMITS_H

/* Every ceiling there is, with its reason. Bytes unless said otherwise. */

/*
 * A callback's body. Bandwidth documents no limit; a group message may list
 * any number of recipients. The largest published payload is under 4 kB.
 */
#define BW_MAX_BODY (256 * 1024)

/* Members, elements and list entries in one body: BW_MAX_BODY of "[1,1,..." */
#define BW_MAX_NODES (128 * 1024)

/* Nesting of a body. The deepest documented field is four levels down. */
#define BW_MAX_DEPTH 32

/* Events in one body. Bandwidth sends lists of one. */
#define BW_MAX_EVENTS 1024

/* Parameters in a query string. Documented callbacks have up to 25. */
#define BW_MAX_PARAMETERS 512

/* A request line's path and query. Bandwidth's own URL limit is 2048. */
#define BW_MAX_URI (32 * 1024)

/* An Authorization header: user and password have up to 1024 characters. */
#define BW_MAX_AUTHORIZATION 8192

/* BXML: "at most 64 KB"; 64,000 is safe under both readings of KB. */
#define BW_MAX_BXML 64000

/* The wider reading: what a checker may not call wrong. */
#define BW_MAX_BXML_TAKEN 65536

/* Nesting of BXML; SSML nests freely inside SpeakSentence. */
#define BW_MAX_BXML_DEPTH 64

/* A configuration file with all that it includes. */
#define BW_MAX_CONFIG (16 * 1024 * 1024)

/* Files of a configuration, and how deep they include each other. */
#define BW_MAX_INCLUDES	     256
#define BW_MAX_INCLUDE_DEPTH 8

/* A table (CSV) or password file. */
#define BW_MAX_TABLE  (64 * 1024 * 1024)
#define BW_MAX_PASSWD (1024 * 1024)

/* Subscribers who may be ported away: some two million lines. */
#define BW_MAX_SUBSCRIBERS (256 * 1024 * 1024)

/* What an external program may write: BXML and room to say it is too much. */
#define BW_MAX_PROGRAM_OUTPUT (BW_MAX_BXML + 4096)

#endif
