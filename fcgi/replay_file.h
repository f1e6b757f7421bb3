#ifndef BWF_REPLAY_FILE_H
#define BWF_REPLAY_FILE_H

#include <sys/types.h>

#include <bwcallback/error.h>

#include "connection.h"

/*
 * A request that came in pieces is put together in a file in memory, which
 * libfcgi then reads and writes as it would the connection: so a peer that is
 * slow, or sends more than a socket's buffer holds, never holds a worker.
 */

struct stage {
	int fd;
	off_t request_n; /* bytes of the request; the answer follows them */
};

enum bw_err replay_file_open(struct stage *, struct bw_error *) BW_CHECK;
void replay_file_close(struct stage *);
/* Make the file the request's records, to be read from its beginning. */
enum bw_err replay_file_request(struct stage *, const struct inbox *) BW_CHECK;
/*
 * Send what was written after the request, waiting for the peer as long as
 * the socket's own time limit says. The file is empty afterwards.
 */
enum bw_err replay_file_send(struct stage *, int to) BW_CHECK;

#endif
