#include "timers.h"

#include <stdlib.h>

#include "task.h"

enum bw_err
timers_init(struct timers *t, size_t n, struct bw_error *e)
{
	pthread_mutex_init(&t->mutex, NULL);
	atomic_store(&t->next, INT64_MAX);
	t->n = 0;
	t->heap = calloc(n, sizeof(struct task *));
	return t->heap != NULL
		   ? BW_OK
		   : bw_error_set(e, BW_ERR_NOMEM, 0, "timers: out of memory");
}

void
timers_free(struct timers *t)
{
	free(t->heap);
	t->heap = NULL;
	pthread_mutex_destroy(&t->mutex);
}

static void
put(struct timers *t, size_t i, struct task *task)
{
	t->heap[i] = task;
	task->timer = i + 1;
}

static void
rise(struct timers *t, size_t i, struct task *task)
{
	while (i > 0 && t->heap[(i - 1) / 2]->due > task->due) {
		put(t, i, t->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(t, i, task);
}

static void
sink(struct timers *t, size_t i, struct task *task)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < t->n &&
		    t->heap[child + 1]->due < t->heap[child]->due)
			child++;
		if (child >= t->n || t->heap[child]->due >= task->due)
			break;
		put(t, i, t->heap[child]);
		i = child;
	}
	put(t, i, task);
}

static void
set_next(struct timers *t)
{
	atomic_store(&t->next, t->n > 0 ? t->heap[0]->due : INT64_MAX);
}

/* The mutex is held. */
static void
take_out(struct timers *t, struct task *task)
{
	size_t i = task->timer - 1;
	struct task *last = t->heap[--t->n];

	task->timer = 0;
	if (last == task)
		return;
	if (i > 0 && t->heap[(i - 1) / 2]->due > last->due)
		rise(t, i, last);
	else
		sink(t, i, last);
}

bool
timers_add(struct timers *t, struct task *task, int64_t when)
{
	bool first;

	pthread_mutex_lock(&t->mutex);
	task->due = when;
	rise(t, t->n++, task);
	first = t->heap[0] == task;
	set_next(t);
	pthread_mutex_unlock(&t->mutex);
	return first;
}

void
timers_remove(struct timers *t, struct task *task)
{
	pthread_mutex_lock(&t->mutex);
	if (task->timer != 0) {
		take_out(t, task);
		set_next(t);
	}
	pthread_mutex_unlock(&t->mutex);
}

void
timers_expire(struct timers *t, int64_t now)
{
	if (atomic_load(&t->next) > now)
		return;
	pthread_mutex_lock(&t->mutex);
	while (t->n > 0 && t->heap[0]->due <= now) {
		struct task *task = t->heap[0];

		take_out(t, task);
		task_wake(task, true);
	}
	set_next(t);
	pthread_mutex_unlock(&t->mutex);
}
