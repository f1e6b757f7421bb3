/*
 * Generates load: one HTTP request, repeated over keep-alive connections, to
 * loopback only.
 *
 *   load PORT REQUEST-FILE CONNECTIONS SECONDS RATE
 *
 * RATE 0: each connection sends its next request after an answer (closed loop).
 * Otherwise RATE requests are due each second, independent of the answers, and
 * the time of an answer is measured from when its request was due, so a stalled
 * server is charged for the delayed requests (open loop).
 *
 * Twelve "#" in the request are replaced by a hexadecimal number that increases
 * with each request, like the ids of messages.
 *
 * Prints: answers, failures, answers a second, and the 50th, 99th and 99.9th
 * percentile of the time to an answer in microseconds.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct connection {
	int fd;
	bool busy;
	int64_t due;
	size_t n;
	char buf[16384];
};

static char request[65536];
static size_t request_len;
static char *changing; /* the twelve characters; NULL: none */
static struct sockaddr_in address;
static struct connection *connections;
static int count;
static int ep;
static uint32_t *times; /* microseconds */
static size_t ntimes, captimes;
static unsigned long failures;

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
dial(struct connection *c)
{
	struct epoll_event e = {.events = EPOLLIN};
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 ||
	    connect(c->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->busy = false;
	c->n = 0;
	e.data.ptr = c;
	if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e) != 0)
		die("epoll_ctl");
}

static void
redial(struct connection *c)
{
	failures++;
	close(c->fd);
	dial(c);
}

static void
change_request(void)
{
	static uint64_t n;
	char text[32];

	if (n == 0)
		n = (uint64_t)now_ns();
	(void)snprintf(text, sizeof(text), "%012llx",
	    (unsigned long long)(++n & 0xffffffffffff));
	memcpy(changing, text, 12);
}

static void
send_request(struct connection *c, int64_t due)
{
	if (changing != NULL)
		change_request();
	c->busy = true;
	c->due = due;
	c->n = 0;
	if (write(c->fd, request, request_len) != (ssize_t)request_len)
		redial(c);
}

static void
add_time(int64_t ns)
{
	if (ntimes == captimes) {
		captimes = captimes != 0 ? captimes * 2 : 1 << 20;
		times = realloc(times, captimes * sizeof(*times));
		if (times == NULL)
			die("realloc");
	}
	times[ntimes++] = (uint32_t)(ns / 1000);
}

/* 1: the answer is complete and a 200; 0: incomplete; -1: another answer */
static int
parse_answer(struct connection *c)
{
	char *end, *length;
	size_t body;

	c->buf[c->n] = '\0';
	end = strstr(c->buf, "\r\n\r\n");
	if (end == NULL)
		return 0;
	if (strncmp(c->buf, "HTTP/1.1 200", 12) != 0)
		return -1;
	length = strcasestr(c->buf, "\r\ncontent-length:");
	if (length == NULL || length > end)
		return -1;
	body = strtoul(length + 17, NULL, 10);
	return c->n >= (size_t)(end - c->buf) + 4 + body;
}

static bool
receive(struct connection *c)
{
	ssize_t got = read(c->fd, c->buf + c->n, sizeof(c->buf) - 1 - c->n);
	int done;

	if (got <= 0) {
		redial(c);
		return false;
	}
	c->n += (size_t)got;
	done = parse_answer(c);
	if (done < 0) {
		redial(c);
		return false;
	}
	if (done == 0)
		return false;
	add_time(now_ns() - c->due);
	c->busy = false;
	return true;
}

static void
run_closed(int64_t until)
{
	struct epoll_event ready[256];

	for (int i = 0; i < count; i++)
		send_request(&connections[i], now_ns());
	while (now_ns() < until) {
		int n = epoll_wait(ep, ready, 256, 100);

		for (int i = 0; i < n; i++) {
			struct connection *c = ready[i].data.ptr;

			if (receive(c) || !c->busy)
				send_request(c, now_ns());
		}
	}
}

static struct connection *
find_idle(void)
{
	static int last;

	for (int i = 0; i < count; i++) {
		last = (last + 1) % count;
		if (!connections[last].busy)
			return &connections[last];
	}
	return NULL;
}

static int64_t
send_due(int64_t due, int64_t gap)
{
	while (due <= now_ns()) {
		struct connection *c = find_idle();

		if (c == NULL)
			break;
		send_request(c, due);
		due += gap;
	}
	return due;
}

static void
run_open(int64_t until, double rate)
{
	int64_t gap = (int64_t)(1e9 / rate), due = now_ns();
	struct epoll_event ready[256];

	while (now_ns() < until) {
		int64_t wait;
		struct timespec ts;
		int n;

		due = send_due(due, gap);
		wait = due - now_ns();
		if (wait < 0)
			wait = 0;
		ts = (struct timespec){wait / 1000000000, wait % 1000000000};
		n = epoll_pwait2(ep, ready, 256, &ts, NULL);
		for (int i = 0; i < n; i++)
			(void)receive(ready[i].data.ptr);
	}
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t
percentile(double p)
{
	return ntimes != 0 ? times[(size_t)((double)(ntimes - 1) * p)] : 0;
}

static void
read_request(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		die(path);
	request_len = fread(request, 1, sizeof(request) - 1, f);
	fclose(f);
	changing = strstr(request, "############");
}

int
main(int argc, char **argv)
{
	int64_t start;
	double seconds, rate;

	if (argc != 6) {
		fputs(
		    "usage: load PORT REQUEST-FILE CONNECTIONS SECONDS RATE\n",
		    stderr);
		return 64;
	}
	address.sin_family = AF_INET;
	address.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	read_request(argv[2]);
	count = (int)strtol(argv[3], NULL, 10);
	seconds = strtod(argv[4], NULL);
	rate = strtod(argv[5], NULL);
	ep = epoll_create1(EPOLL_CLOEXEC);
	connections = calloc((size_t)count, sizeof(*connections));
	if (ep < 0 || connections == NULL)
		die("load");
	for (int i = 0; i < count; i++)
		dial(&connections[i]);
	start = now_ns();
	if (rate > 0)
		run_open(start + (int64_t)(seconds * 1e9), rate);
	else
		run_closed(start + (int64_t)(seconds * 1e9));
	seconds = (double)(now_ns() - start) / 1e9;
	qsort(times, ntimes, sizeof(*times), compare);
	printf("%zu %lu %.1f %u %u %u\n", ntimes, failures,
	    (double)ntimes / seconds, percentile(0.5), percentile(0.99),
	    percentile(0.999));
	return 0;
}
