#ifndef BWF_RESPONDER_H
#define BWF_RESPONDER_H

#include <stdint.h>

#include <fcgiapp.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>

/*
 * libfcgi, with our descriptors instead of its own accept(): the members ipcFd
 * and keepConnection of FCGX_Request are set as its accept would set them. They
 * are not documented as public, so responder_test() checks at start that this
 * libfcgi works that way.
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
/* Does the web server keep the connection open? Call after responder_begin. */
bool responder_keep_conn(const struct responder *);
/*
 * Write the answer and the end of the request. BW_ERR_IO. The descriptor stays
 * open, and the parameters stay valid.
 */
enum bw_err responder_answer(struct responder *, struct bw_str) BW_CHECK;
/* Release the request; call only after responder_begin() returned BW_OK. */
void responder_end(struct responder *);

/* Does this libfcgi behave as we need? BW_ERR_UNSUPPORTED says what differs. */
enum bw_err responder_test(struct bw_error *) BW_CHECK;

#endif
