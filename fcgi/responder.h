#ifndef BWF_RESPONDER_H
#define BWF_RESPONDER_H

#include <stdbool.h>
#include <stdint.h>

#include <fcgiapp.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>

/*
 * libfcgi, with our descriptors instead of its own accept(): the members ipcFd
 * and keepConnection of FCGX_Request are set as its accept would set them. They
 * are not documented as public, so responder_test() checks at start that this
 * libfcgi works that way.
 *
 * The shared libfcgi reads through its public function OS_Read(). The program
 * defines one of its own, which reads from memory what was received before.
 */
struct responder {
	FCGX_Request request;
};

void responder_init(struct responder *);

/*
 * Is there enough memory for a request with n bytes of parameters? Without it
 * libfcgi would abort the process.
 */
bool responder_has_room(size_t n);
/*
 * The next request that the calling thread begins is read from these bytes
 * instead of its descriptor, up to the end of its body.
 */
void responder_feed(const unsigned char *, size_t n);
/*
 * Read a request's parameters from a descriptor that already holds all of them;
 * they are in request.envp then. BW_ERR_IO: reading failed, and libfcgi has
 * closed the descriptor.
 */
enum bw_err responder_begin(struct responder *, int fd) BW_CHECK;
/*
 * Read the body to its end, whatever its size: unread bytes would be taken for
 * the next request. Stores at most the buffer's maximum. BW_ERR_IO.
 */
enum bw_err responder_body(struct responder *, struct bw_buf *) BW_CHECK;
/*
 * After the body was read: the answer goes to the descriptor fd, and memory
 * that only reading needs is freed.
 */
void responder_park(struct responder *, int fd);
/*
 * The request is going to wait: free the buffers of its answer, 8.7 kB.
 * libfcgi cannot make new ones that would end the request, so the answer is
 * then written without libfcgi.
 */
void responder_rest(struct responder *);
/* Does the web server keep the connection open? Call after responder_begin. */
bool responder_keep_conn(const struct responder *);
/*
 * Write the answer and the end of the request. BW_ERR_IO. The descriptor stays
 * open, and the parameters stay valid. deadline: how long to wait for a peer
 * whose socket buffer is full, CLOCK_MONOTONIC in nanoseconds; 0: not at all. A
 * statically linked program never waits.
 */
enum bw_err
responder_answer(struct responder *, struct bw_str, int64_t deadline) BW_CHECK;
/*
 * Write a part of the answer of a request that rests, without waiting.
 * BW_ERR_IO: the peer has gone, or reads too slowly; the rest of the answer
 * cannot be written either.
 */
enum bw_err responder_part(const struct responder *, struct bw_str) BW_CHECK;
/* Release the request; call only after responder_begin() returned BW_OK. */
void responder_end(struct responder *);

/*
 * Does this libfcgi behave as we need? BW_ERR_UNSUPPORTED says what differs.
 * *feeds: responder_feed() works. In a statically linked program it does not.
 */
enum bw_err responder_test(bool *feeds, struct bw_error *) BW_CHECK;

#endif
