/* The events that stores are filled with, and the stores. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "growth.h"

int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void
die(const struct bw_error *e)
{
	fprintf(stderr, "growth: %s\n", e->msg);
	exit(1);
}

uint64_t
scatter(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

struct bw_str
text(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

bool
is_call(uint64_t n)
{
	return n / 4 % 2 == 0;
}

/* The id of the call or message of event n. */
static void
put_id(char id[64], uint64_t n)
{
	uint64_t a = scatter(n / 4), b = scatter(a);

	if (is_call(n))
		(void)snprintf(id, 64, "c-%08x-%08x-%04x-4%03x-%04x-%08x%04x",
		    (unsigned)(a >> 32), (unsigned)a, (unsigned)(b >> 48),
		    (unsigned)(b >> 36 & 0xfff), (unsigned)(b >> 16 & 0xffff),
		    (unsigned)b, (unsigned)(a >> 8 & 0xffff));
	else
		(void)snprintf(id, 64, "%016llx%013llx", (unsigned long long)a,
		    (unsigned long long)(b >> 12));
}

const char bxml[] =
    "<Response><SpeakSentence>Hello. For sales press 1, for support "
    "press 2.</SpeakSentence><Redirect redirectUrl=\"/voice\"/>"
    "</Response>";

unsigned
person_of(uint64_t n)
{
	return (unsigned)(scatter(n / 4 + 7) % 10000000);
}

/* One of ten million callers and one of fifty offices. */
static void
put_numbers(struct made *m, uint64_t n)
{
	(void)snprintf(m->from, sizeof(m->from), "+1919%07u", person_of(n));
	(void)snprintf(m->to, sizeof(m->to), "+1919555%04u",
	    (unsigned)(scatter(n / 4 + 9) % 50));
}

void
make(struct made *m, uint64_t n)
{
	static const char *const calls[] = {
	    "initiate", "answer", "gather", "disconnect"};
	static const char *const messages[] = {"message-received",
	    "message-sending", "message-sent", "message-delivered"};
	bool call = is_call(n);
	const char *type = call ? calls[n % 4] : messages[n % 4];
	const char *family = call ? "voice" : "messaging";
	const char *section = call ? "/voice" : "/messages";
	size_t length;

	put_id(m->id, n);
	put_numbers(m, n);
	(void)snprintf(m->key, sizeof(m->key), "%s|%s.%s:5500417:%s", section,
	    family, type, m->id);
	(void)snprintf(m->thread, sizeof(m->thread),
	    call ? "call:%s" : "between:%s", call ? m->id : m->from);
	length = (size_t)snprintf(m->body, sizeof(m->body),
	    "{\"id\":\"%s\",\"from\":\"%s\",\"type\":\"%s\",\"rest\":\"", m->id,
	    m->from, type);
	memset(m->body + length, 'x', 700 - length);
	m->event = (struct bw_store_event){
	    .received = RECEIVED + (int64_t)n,
	    .section = text(section),
	    .method = BW_STR("POST"),
	    .content_type = BW_STR("application/json"),
	    .family = text(family),
	    .type = text(type),
	    .key = text(m->key),
	    .user = BW_STR("bandwidth"),
	    .request = BW_STR("0011223344556677"),
	    .body = {m->body, 700},
	    .batch = 1,
	    .from = text(m->from),
	    .to = text(m->to),
	    .thread = text(m->thread),
	    .claim = 8000,
	};
	if (call)
		m->event.call = text(m->id);
	else
		m->event.message = text(m->id);
}

void
answer(struct grown *g, const struct bw_store_result *r, bool call)
{
	struct bw_store_answer a = {
	    .status = 200,
	    .answered = RECEIVED + (int64_t)r->seq,
	    .duration = 800,
	};
	struct bw_error e = {0};

	if (call) {
		a.content_type = BW_STR("application/xml; charset=utf-8");
		a.body = text(bxml);
	}
	if (bw_store_record_answer(g->store, r->seq, &a, &e) != BW_OK)
		die(&e);
}

void
append_list(struct grown *g, uint64_t first, uint64_t n)
{
	struct made *m = calloc(LIST, sizeof(*m));
	struct bw_store_event events[LIST];
	struct bw_store_result r[LIST];
	struct bw_error e = {0};
	int64_t began;

	if (m == NULL)
		exit(1);
	for (uint64_t i = 0; i < n; i++) {
		make(&m[i], first + i);
		events[i] = m[i].event;
	}
	began = now_ns();
	if (bw_store_append(g->store, events, n, began + INT64_C(600000000000),
		r, &e) != BW_OK)
		die(&e);
	stall_add(now_ns(), now_ns() - began);
	for (uint64_t i = 0; i < n; i++)
		answer(g, &r[i], is_call(first + i));
	free(m);
}

void
open_grown(const struct grown *g, struct bw_store **s)
{
	struct bw_error e = {0};

	if (bw_store_open(g->url, s, &e) != BW_OK)
		die(&e);
}

void
create_grown(struct grown *g, const char *folder, const char *name)
{
	struct bw_error e = {0};

	g->stays_open = false;
	(void)snprintf(g->path, sizeof(g->path), "%s/%s.db", folder, name);
	(void)snprintf(g->url, sizeof(g->url), "sqlite:%s", g->path);
	if (bw_store_create(g->url, NULL, &e) != BW_OK)
		die(&e);
	open_grown(g, &g->store);
	atomic_store(&g->next, 0);
}

/* Look at the files whose names begin as this path. */
static double
pass_files(const char *path, bool removing)
{
	const char *slash = strrchr(path, '/');
	double bytes = 0;
	char folder[256];
	struct dirent *f;
	struct stat st;
	DIR *d;

	(void)snprintf(
	    folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	d = opendir(folder);
	while (d != NULL && (f = readdir(d)) != NULL) {
		if (strncmp(f->d_name, slash + 1, strlen(slash + 1)) != 0)
			continue;
		if (fstatat(dirfd(d), f->d_name, &st, 0) == 0)
			bytes += (double)st.st_blocks * 512;
		if (removing)
			(void)unlinkat(dirfd(d), f->d_name, 0);
	}
	if (d != NULL)
		(void)closedir(d);
	return bytes;
}

double
room_of(const char *path)
{
	return pass_files(path, false);
}

void
remove_grown(struct grown *g)
{
	bw_store_free(g->store);
	(void)pass_files(g->path, true);
}
