#ifndef BWF_REPLAY_FILE_H
#define BWF_REPLAY_FILE_H

#include <sys/types.h>

#include <bwcallback/error.h>

#include "connection.h"

/*
 * A request that arrived in pieces is assembled in a file in memory; libfcgi
 * then reads that file instead of the connection. So a peer that is slow, or
 * sends more than a socket buffer holds, never blocks a worker.
 */

struct replay_file {
	int fd;
	off_t request_n; /* size of the request */
};

enum bw_err replay_file_open(struct replay_file *, struct bw_error *) BW_CHECK;
void replay_file_close(struct replay_file *);
/* Write the request's records to the file and seek to its beginning. */
enum bw_err
replay_file_request(struct replay_file *, const struct inbox *) BW_CHECK;

#endif
