#include "site.h"

#include <malloc.h>
#include <stdio.h>

#include "log.h"

/* A finding is a line of a file's name and a sentence. */
#define FINDING_MAX (8 * 1024)

static void
log_finding(void *arg, const struct bw_finding *f)
{
	enum log_level level = f->severity == BW_SEVERITY_ERROR
				   ? LOG_LEVEL_ERROR
				   : LOG_LEVEL_WARNING;
	struct bw_buf line;

	(void)arg;
	bw_buf_init(&line, FINDING_MAX);
	bw_finding_write(f, &line);
	log_event(level, "config", "%.*s", (int)line.n, line.p);
	bw_buf_free(&line);
}

static enum bw_err
load(const char *file, struct bw_config **config, struct bw_error *e)
{
	struct bw_reporter reporter = {.fn = log_finding};
	enum bw_err err = bw_config_load(file, config, &reporter, e);

	/* Loading leaves much more behind than it keeps. */
	malloc_trim(0);
	return err;
}

struct bw_config *
site_load_once(
    const char *file, const struct bw_request *req, struct bw_error *e)
{
	struct bw_reporter reporter = {.fn = log_finding};
	struct bw_config *config = NULL;

	if (bw_config_load_once(file, req, &config, &reporter, e) != BW_OK)
		log_event(LOG_LEVEL_ERROR, "start", "%s", e->msg);
	return config;
}

enum bw_err
site_init(struct site *s, const char *file, struct bw_error *e)
{
	s->file = file;
	s->config = NULL;
	pthread_mutex_init(&s->lock, NULL);
	return load(file, &s->config, e);
}

enum bw_err
site_reload(struct site *s, struct bw_error *e)
{
	struct bw_config *fresh, *old;
	enum bw_err err = load(s->file, &fresh, e);

	if (err != BW_OK)
		return err;
	pthread_mutex_lock(&s->lock);
	old = s->config;
	s->config = fresh;
	pthread_mutex_unlock(&s->lock);
	bw_config_unref(old);
	return BW_OK;
}

void
site_free(struct site *s)
{
	if (s->config != NULL)
		bw_config_unref(s->config);
	s->config = NULL;
	pthread_mutex_destroy(&s->lock);
}

struct bw_config *
site_config(struct site *s)
{
	struct bw_config *c;

	pthread_mutex_lock(&s->lock);
	c = bw_config_ref(s->config);
	pthread_mutex_unlock(&s->lock);
	return c;
}

static void
print_finding(void *arg, const struct bw_finding *f)
{
	struct bw_buf line;

	(void)arg;
	bw_buf_init(&line, FINDING_MAX);
	bw_finding_write(f, &line);
	printf("%.*s\n", (int)line.n, line.p);
	bw_buf_free(&line);
}

int
site_check(const char *file)
{
	struct bw_reporter reporter = {.fn = print_finding};
	struct bw_error e = {0};
	struct bw_config *config;
	enum bw_err err = bw_config_load(file, &config, &reporter, &e);

	if (err == BW_OK) {
		bw_config_unref(config);
		return 0;
	}
	/* What was not about a line has not been printed. */
	if (err != BW_ERR_CONFIG)
		fprintf(stderr, "bwcallback.fcgi: %s\n", e.msg);
	return bw_err_exit(err);
}
