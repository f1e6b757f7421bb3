#ifndef BWI_PAGE_PLAY_PROCESS_H
#define BWI_PAGE_PLAY_PROCESS_H

#include <sys/types.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>

/*
 * Calls that are played in processes of their own, "bwcallback simulate
 * telephone", which end by themselves after a minute without a line.
 */

#define BWI_PLAYS 4 /* at once */

/* What a process wrote, at most; it is ended if it writes more. */
#define BWI_PLAY_MAX_SAID ((size_t)1024 * 1024)

/* 128 random bits in hexadecimal. */
#define BWI_PLAY_TOKEN 32

struct bwi_play {
	char token[BWI_PLAY_TOKEN + 1]; /* "": never used */
	struct bw_buf user;		/* who plays */
	struct bw_buf said;		/* lines of JSON */
	size_t before;		   /* of them were there at the last send */
	pid_t pid;		   /* 0: it has ended */
	int line;		   /* a socket, both ways */
	bool taken;		   /* by a request */
	unsigned long long serial; /* the lower, the older */
};

/*
 * Start a process for the configuration in a file. On success the play is
 * taken. BW_ERR_BUSY: so many are running. BW_ERR_PROGRAM: it cannot be
 * started.
 */
enum bw_err bwi_play_begin(const char *file, bool programs, struct bw_str user,
    struct bwi_play **, struct bw_error *) BW_CHECK;
/*
 * Take the play of a user. NULL: there is none of that token, or another
 * request has taken it.
 */
struct bwi_play *
bwi_play_take(struct bw_str token, struct bw_str user) BW_CHECK;
void bwi_play_give(struct bwi_play *);

/* Write a line. What becomes of it, bwi_play_read() tells. */
void bwi_play_send(struct bwi_play *, struct bw_str line);
/*
 * Read what it has written. false: it neither asks something nor has ended, so
 * more will come on its line.
 */
bool bwi_play_read(struct bwi_play *);

#endif
