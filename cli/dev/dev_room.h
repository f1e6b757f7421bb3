#ifndef BWC_DEV_ROOM_H
#define BWC_DEV_ROOM_H

#include <stdbool.h>

#include <bwcallback/error.h>

#define DEV_PATH     64 /* longest path in the folder */
#define DEV_PASSWORD 16
#define DEV_USER     "dev"

/* A temporary folder with all that a server and a responder need. */
struct dev_room {
	char folder[DEV_PATH / 2]; /* "": there is none */
	char overlay[DEV_PATH];
	char nginx[DEV_PATH];	  /* its configuration */
	char nginx_pid[DEV_PATH]; /* nginx writes it when it listens */
	char log[DEV_PATH];	  /* of the responder */
	char listen[DEV_PATH + 5];
	char password[DEV_PASSWORD + 1];
	int port; /* of 127.0.0.1 */
};

/* BW_ERR_IO, BW_ERR_NOMEM. */
enum bw_err dev_room_make(struct dev_room *, struct bw_error *) BW_CHECK;
/* Choose a free port for nginx, and write its configuration. BW_ERR_IO. */
enum bw_err dev_room_choose_port(struct dev_room *, struct bw_error *) BW_CHECK;
/* Does another program use the port? */
bool dev_room_port_taken(const struct dev_room *);
void dev_room_remove(struct dev_room *);

#endif
