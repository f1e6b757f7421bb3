/*
 * Answers one callback without a web server: reads its body from standard
 * input and prints what a configuration answers, in the form of CGI.
 */
#include <stdio.h>

#include <bwcallback.h>

static void
report(void *arg, const struct bw_finding *f)
{
	(void)arg;
	fprintf(stderr, "%s:%d: %s: %s\n", f->file, f->line,
	    bw_severity_name(f->severity), f->text);
}

/* The body comes from standard input, as much of it as a request may have. */
static enum bw_err
answer(struct bw_config *config, const char *path, struct bw_buf *http)
{
	static char body[BW_MAX_BODY];
	struct bw_callback_context *context = bw_callback_context_new();
	struct bw_request request = {
	    .method = BW_METHOD_POST,
	    .method_name = BW_STR("POST"),
	    .path = {path, strlen(path)},
	    .content_type = BW_STR("application/json"),
	    .body = {body, fread(body, 1, sizeof(body), stdin)},
	};
	struct bw_response response;

	if (context == NULL)
		return BW_ERR_NOMEM;
	request.content_length = (int64_t)request.body.n;
	bw_response_init(&response);
	bw_callback_answer(context, config, &request, &response);
	if (response.why.code != BW_OK)
		fprintf(stderr, "embed: %s\n", response.why.msg);
	bw_response_write(&response, http);
	bw_response_free(&response);
	bw_callback_context_free(context);
	return http->err;
}

int
main(int argc, char **argv)
{
	const struct bw_reporter reporter = {report, NULL};
	struct bw_error error = {0};
	struct bw_config *config;
	struct bw_buf http;
	enum bw_err err;

	if (argc != 3) {
		fputs("usage: embed CONFIG PATH <BODY\n", stderr);
		return bw_err_exit(BW_ERR_USAGE);
	}
	if (bw_config_load(argv[1], &config, &reporter, &error) != BW_OK) {
		fprintf(stderr, "embed: %s\n", error.msg);
		return bw_err_exit(error.code);
	}
	bw_buf_init(&http, BW_MAX_PROGRAM_OUTPUT);
	err = answer(config, argv[2], &http);
	if (err == BW_OK)
		fwrite(http.p, 1, http.n, stdout);
	bw_buf_free(&http);
	bw_config_unref(config);
	return bw_err_exit(err);
}
