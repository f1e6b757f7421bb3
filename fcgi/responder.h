#ifndef BWF_RESPONDER_H
#define BWF_RESPONDER_H

#include <stdint.h>

#include <fcgiapp.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>

/*
 * libfcgi, fed with descriptors of ours instead of its own accept(): the
 * members ipcFd and keepConnection of FCGX_Request are set as its accept
 * would leave them. They are not called public, so responder_test() proves at
 * start that this libfcgi works that way.
 */
struct responder {
	FCGX_Request request;
};

void responder_init(struct responder *);

/*
 * Read a request's parameters, which are all there, from a descriptor; they
 * are request.envp then. BW_ERR_IO: reading failed, and libfcgi has closed
 * the descriptor.
 */
enum bw_err responder_begin(struct responder *, int fd) BW_CHECK;
/*
 * Read the body to its end, whatever its size: what is unread would be taken
 * for the next request. At most the buffer's ceiling is kept; *n is how much
 * came. BW_ERR_IO.
 */
enum bw_err
responder_body(struct responder *, struct bw_buf *, uint64_t *n) BW_CHECK;
/* Does the server want to keep the connection? After responder_begin. */
bool responder_keeps(const struct responder *);
/*
 * Write the answer and the end of the request. BW_ERR_IO: it could not be
 * written. The descriptor stays open, and the parameters stay.
 */
enum bw_err responder_answer(struct responder *, struct bw_str) BW_CHECK;
/* Forget the request; only after responder_begin() gave BW_OK. */
void responder_end(struct responder *);

/* Does this libfcgi do what we rely on? BW_ERR_UNSUPPORTED says what not. */
enum bw_err responder_test(struct bw_error *) BW_CHECK;

#endif
