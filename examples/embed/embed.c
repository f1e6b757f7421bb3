/*
 * Answers one callback without a web server: reads its body from standard input
 * and prints the answer of a configuration in CGI form.
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

/* Read the body from standard input, up to the size limit of a request. */
static enum bw_err
answer(struct bw_config *config, const char *path, struct bw_buf *http)
{
	static char body[BW_MAX_BODY + 1];
	struct bw_callback_context *context = bw_callback_context_new();
	struct bw_request *request = bw_request_new();
	struct bw_response *response = bw_response_new();
	enum bw_err err = BW_ERR_NOMEM;

	if (context != NULL && request != NULL && response != NULL) {
		size_t n = fread(body, 1, sizeof(body), stdin);

		bw_request_set_method(request, BW_STR("POST"));
		bw_request_set_path(
		    request, (struct bw_str){path, strlen(path)});
		bw_request_set_body(request, (struct bw_str){body, n});
		bw_callback_answer(context, config, request, response);
		if (bw_response_error(response)->code != BW_OK)
			fprintf(stderr, "embed: %s\n",
			    bw_response_error(response)->msg);
		bw_response_write(response, http);
		err = http->err;
	}
	bw_response_free(response);
	bw_request_free(request);
	bw_callback_context_free(context);
	return err;
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
