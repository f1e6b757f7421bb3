#ifndef BWI_STORE_SPOOL_RECORD_H
#define BWI_STORE_SPOOL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/limits.h>
#include <bwcallback/store.h>

/* An event as bytes of the spool; spool.h has the format. */

#define BWI_SPOOL_HEADER 40 /* "BWSR", length, checksum */

/*
 * Maximum size of a record: a body, an answer and the strings, each of at
 * most the length of a URI.
 */
#define BWI_SPOOL_MAX_RECORD (2 * (size_t)BW_MAX_BODY + 17 * (size_t)BW_MAX_URI)

/* Room for the key that is made for an event without one. */
#define BWI_SPOOL_KEY 80

/* A record in the file. */
struct bwi_spool_record {
	int64_t at;    /* where its header begins */
	size_t length; /* without the header */
	bool stored;   /* marked as stored */
	bool marked;   /* a byte 255 follows each "BWS": not an old version */
	size_t from;   /* its content in the buffer it was read into */
	size_t n;
};

/* Append a record. The buffer has the error. */
void bwi_spool_record_put(struct bw_buf *, const struct bw_store_event *);
/*
 * Append the content of the record at r->at to the buffer, and set the rest of
 * *r. False: there is no intact record, after a crash or a disk error; or the
 * buffer has an error.
 */
bool bwi_spool_record_read(
    int fd, int64_t size, struct bw_buf *, struct bwi_spool_record *r) BW_CHECK;
/*
 * Make an event of a content, which it points into, and into key if it has no
 * key. False: the content is invalid.
 */
bool bwi_spool_record_get(struct bw_str content, struct bw_store_event *,
    char key[BWI_SPOOL_KEY]) BW_CHECK;
/* Mark the record as stored. False with errno. */
bool bwi_spool_record_store(int fd, const struct bwi_spool_record *) BW_CHECK;

#endif
