/*
 * Contender b: a responder that does nothing, with libfcgi's own accept loop,
 * four threads and one request per connection: the cost of a C program that
 * follows libfcgi's examples.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <fcgiapp.h>

#include "answer.h"

static int listener;

static void *
serve(void *arg)
{
	static const char answer[] = BENCH_ANSWER;
	FCGX_Request r;

	if (FCGX_InitRequest(&r, listener, 0) != 0)
		return arg;
	while (FCGX_Accept_r(&r) == 0) {
		char tmp[4096];

		while (FCGX_GetStr(tmp, sizeof(tmp), r.in) > 0)
			;
		FCGX_PutStr(answer, sizeof(answer) - 1, r.out);
		FCGX_Finish_r(&r);
	}
	return arg;
}

int
main(int argc, char **argv)
{
	pthread_t threads[4];

	if (argc != 2) {
		fputs("usage: plain SOCKET\n", stderr);
		return 64;
	}
	FCGX_Init();
	listener = FCGX_OpenSocket(argv[1], 1024);
	if (listener < 0) {
		perror(argv[1]);
		return 1;
	}
	/*
	 * libfcgi's handler of SIGTERM only sets a flag; the default ends the
	 * process.
	 */
	signal(SIGTERM, SIG_DFL);
	for (int i = 0; i < 4; i++) {
		if (pthread_create(&threads[i], NULL, serve, NULL) != 0)
			return 1;
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
