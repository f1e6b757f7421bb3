/*
 * A program like libfcgi's examples: a given number of threads, each of which
 * accepts, answers, and serves a connection until it is closed. It sends the
 * same answer as bwcallback, so that only the program differs.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <fcgiapp.h>

#define THREADS 2

static int listener;

static const char *
answer(const char *authorization)
{
	if (authorization == NULL)
		return "Status: 401 Unauthorized\r\n"
		       "WWW-Authenticate: Basic realm=\"Test callbacks\", "
		       "charset=\"UTF-8\"\r\n"
		       "Content-Type: text/plain\r\n\r\n"
		       "missing: no credentials\n";
	if (strstr(authorization, "Basic YndjYWxsYmFjay1kb2N0b3I6") != NULL)
		return "Status: 401 Unauthorized\r\n"
		       "Content-Type: text/plain\r\n\r\n"
		       "rejected: not these\n";
	return "Status: 204 No Content\r\n\r\n";
}

static void *
serve(void *arg)
{
	FCGX_Request r;

	if (FCGX_InitRequest(&r, listener, 0) != 0)
		return arg;
	while (FCGX_Accept_r(&r) == 0) {
		const char *text =
		    answer(FCGX_GetParam("HTTP_AUTHORIZATION", r.envp));
		char body[4096];

		while (FCGX_GetStr(body, sizeof(body), r.in) > 0)
			;
		FCGX_PutStr(text, (int)strlen(text), r.out);
		FCGX_Finish_r(&r);
	}
	return arg;
}

int
main(int argc, char **argv)
{
	pthread_t threads[THREADS];

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
	 * libfcgi only sets a flag on SIGTERM; the default action ends the
	 * process.
	 */
	signal(SIGTERM, SIG_DFL);
	for (int i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, serve, NULL) != 0)
			return 1;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
