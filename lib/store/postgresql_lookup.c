/* Addresses of database hosts, looked up without waiting. */
#include "store/postgresql_lookup.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bwcallback/buf.h>
#include <bwcallback/limits.h>

#include "base/alloc.h"
#include "os/thread.h"

/* Most addresses of one name that are tried. */
#define MAX_ADDRESSES 8

/* Shared by its thread and a lookup; the last one that leaves frees it. */
struct bwi_pg_search {
	struct bwi_pg_hosts hosts;  /* those to look up */
	struct bw_buf lists[3];	    /* the thread's: host, hostaddr, port */
	size_t n;		    /* the same: addresses found */
	char why[NI_MAXHOST + 128]; /* the same: why one has none */
	int ready;		    /* eventfd: it has ended */
	pthread_mutex_t mutex;	    /* protects the rest */
	bool ended;
	bool left; /* one of the two has left */
};

/* An element of a list; one without commas is for all hosts if shared. */
static struct bw_str
element(const char *list, size_t i, bool shared)
{
	struct bw_str s = {"", 0};

	if (list == NULL)
		return s;
	if (shared && strchr(list, ',') == NULL)
		i = 0;
	for (; i > 0 && list != NULL; i--) {
		list = strchr(list, ',');
		list = list != NULL ? list + 1 : NULL;
	}
	return list != NULL ? (struct bw_str){list, strcspn(list, ",")} : s;
}

/* libpq needs no name server for paths, numbers and this machine. */
static bool
is_name(struct bw_str host)
{
	return host.n > 0 && host.p[0] != '/' && host.p[0] != '@' &&
	       memchr(host.p, ':', host.n) == NULL &&
	       strspn(host.p, "0123456789.") < host.n &&
	       !(host.n == 9 && memcmp(host.p, "localhost", 9) == 0);
}

static bool
needs_search(const struct bwi_pg_hosts *h, size_t i)
{
	return element(h->hostaddr, i, false).n == 0 &&
	       is_name(element(h->host, i, false));
}

bool
bwi_pg_lookup_is_needed(const struct bwi_pg_url *u)
{
	bool needed = false;

	for (size_t i = 0; i < u->hosts.n; i++)
		needed = needed || needs_search(&u->hosts, i);
	return needed;
}

static void
add(struct bwi_pg_search *s, size_t i, struct bw_str address)
{
	const struct bwi_pg_hosts *h = &s->hosts;
	const struct bw_str values[] = {
	    element(h->host, i, false), address, element(h->port, i, true)};

	for (size_t k = 0; k < 3; k++) {
		if (s->n > 0)
			bw_buf_putc(&s->lists[k], ',');
		bw_buf_str(&s->lists[k], values[k]);
	}
	s->n++;
}

static void
add_addresses(struct bwi_pg_search *s, size_t i, const struct addrinfo *a)
{
	char text[NI_MAXHOST];

	for (size_t n = 0; a != NULL && n < MAX_ADDRESSES; a = a->ai_next) {
		if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text),
			NULL, 0, NI_NUMERICHOST) != 0)
			continue;
		add(s, i, (struct bw_str){text, strlen(text)});
		n++;
	}
}

static void
search_host(struct bwi_pg_search *s, size_t i)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct bw_str host = element(s->hosts.host, i, false);
	struct addrinfo *found = NULL;
	char name[NI_MAXHOST];
	int r;

	(void)snprintf(name, sizeof(name), "%.*s", (int)host.n, host.p);
	r = getaddrinfo(name, NULL, &hints, &found);
	if (r == 0) {
		add_addresses(s, i, found);
		freeaddrinfo(found);
	} else {
		(void)snprintf(s->why, sizeof(s->why), "%s: %s", name,
		    r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
	}
}

static void
free_hosts(struct bwi_pg_hosts *h)
{
	bwi_free(h->host);
	bwi_free(h->hostaddr);
	bwi_free(h->port);
	*h = (struct bwi_pg_hosts){.n = 0};
}

static void
free_search(struct bwi_pg_search *s)
{
	free_hosts(&s->hosts);
	for (size_t i = 0; i < 3; i++)
		bw_buf_free(&s->lists[i]);
	if (s->ready >= 0)
		close(s->ready);
	(void)pthread_mutex_destroy(&s->mutex);
	bwi_free(s);
}

static void
leave(struct bwi_pg_search *s)
{
	bool last;

	(void)pthread_mutex_lock(&s->mutex);
	last = s->left;
	s->left = true;
	(void)pthread_mutex_unlock(&s->mutex);
	if (last)
		free_search(s);
}

static void *
run(void *arg)
{
	struct bwi_pg_search *s = arg;
	const uint64_t one = 1;

	for (size_t i = 0; i < s->hosts.n; i++) {
		if (needs_search(&s->hosts, i))
			search_host(s, i);
		else
			add(s, i, element(s->hosts.hostaddr, i, false));
	}
	(void)pthread_mutex_lock(&s->mutex);
	s->ended = true;
	(void)pthread_mutex_unlock(&s->mutex);
	(void)!write(s->ready, &one, sizeof(one));
	leave(s);
	return NULL;
}

static bool
copy_hosts(struct bwi_pg_hosts *to, const struct bwi_pg_hosts *from)
{
	const char *const texts[] = {from->host, from->hostaddr, from->port};
	char **const copies[] = {&to->host, &to->hostaddr, &to->port};
	bool good = true;

	to->n = from->n;
	for (size_t i = 0; i < 3; i++) {
		if (texts[i] == NULL)
			continue;
		*copies[i] = bwi_strndup(texts[i], strlen(texts[i]));
		good = good && *copies[i] != NULL;
	}
	return good;
}

static struct bwi_pg_search *
search_new(const struct bwi_pg_url *u)
{
	struct bwi_pg_search *s = bwi_calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	(void)pthread_mutex_init(&s->mutex, NULL);
	for (size_t i = 0; i < 3; i++)
		bw_buf_init(&s->lists[i], BW_MAX_URI);
	s->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->ready >= 0 && copy_hosts(&s->hosts, &u->hosts))
		return s;
	free_search(s);
	return NULL;
}

void
bwi_pg_lookup_init(struct bwi_pg_lookup *l, const struct bwi_pg_url *u)
{
	*l = (struct bwi_pg_lookup){.url = u};
}

void
bwi_pg_lookup_free(struct bwi_pg_lookup *l)
{
	if (l->search != NULL)
		leave(l->search);
	l->search = NULL;
	free_hosts(&l->found);
}

/* Take over what a search has found. */
static enum bw_err
take(struct bwi_pg_lookup *l, struct bwi_pg_search *s, struct bw_error *e)
{
	struct bwi_pg_hosts new = {.n = s->n};
	char **const lists[] = {&new.host, &new.hostaddr, &new.port};
	bool good = true;

	if (s->n == 0)
		return bw_error_set(e, BW_ERR_BUSY, 0,
		    "store: %s: no address of %s", l->url->name, s->why);
	for (size_t i = 0; i < 3; i++) {
		good = good && s->lists[i].err == BW_OK;
		if (good)
			*lists[i] =
			    bwi_strndup(s->lists[i].n > 0 ? s->lists[i].p : "",
				s->lists[i].n);
		good = good && *lists[i] != NULL;
	}
	if (!good) {
		free_hosts(&new);
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	}
	free_hosts(&l->found);
	l->found = new;
	return BW_OK;
}

/* See whether the search has ended; BW_ERR_DEADLINE: it has not. */
static enum bw_err
look(struct bwi_pg_lookup *l, struct bw_error *e)
{
	struct bwi_pg_search *s = l->search;
	enum bw_err err = BW_ERR_DEADLINE;
	bool ended;

	(void)pthread_mutex_lock(&s->mutex);
	ended = s->ended;
	(void)pthread_mutex_unlock(&s->mutex);
	if (ended) {
		err = take(l, s, e);
		l->search = NULL;
		leave(s);
	}
	return err;
}

enum bw_err
bwi_pg_lookup_start(struct bwi_pg_lookup *l, struct bw_error *e)
{
	struct bw_error unused = {0};
	pthread_t thread;
	int r;

	/* Use the result of an earlier search that had no caller left. */
	if (l->search != NULL && look(l, &unused) == BW_ERR_DEADLINE)
		return BW_OK;
	l->search = search_new(l->url);
	if (l->search == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	r = bwi_thread_start(&thread, run, l->search);
	if (r == 0) {
		(void)pthread_detach(thread);
		return BW_OK;
	}
	free_search(l->search);
	l->search = NULL;
	return bw_error_set(e, BW_ERR_BUSY, r,
	    "store: cannot start a thread to look up hosts: %s", strerror(r));
}

enum bw_err
bwi_pg_lookup_poll(struct bwi_pg_lookup *l, const struct bwi_pg_hosts **hosts,
    struct bw_error *e)
{
	struct bw_error why = {0};
	enum bw_err err = l->search != NULL ? look(l, &why) : BW_ERR_BUSY;

	*hosts = &l->found;
	if (l->found.n > 0)
		return BW_OK;
	if (err != BW_ERR_DEADLINE)
		*e = why;
	return err;
}

int
bwi_pg_lookup_fd(const struct bwi_pg_lookup *l)
{
	return l->search != NULL ? l->search->ready : -1;
}
