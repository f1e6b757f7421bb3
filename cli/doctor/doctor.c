/* bwcallback doctor: what is wrong between Bandwidth and the responder? */
#include <stdio.h>
#include <string.h>

#include <bwcallback/limits.h>

#include "cli/common/command.h"
#include "cli/common/input.h"
#include "cli/doctor/doctor_local.h"
#include "cli/doctor/doctor_remote.h"

static enum bw_err
read_password(struct doctor *d, struct bw_buf *b, struct bw_error *e)
{
	enum bw_err err;

	if (d->password_file == NULL)
		return BW_OK;
	err = input_read(d->password_file, b, e);
	bw_buf_putc(b, '\0');
	if (err == BW_OK && b->err != BW_OK)
		err = bw_error_set(e, b->err, 0, "%s: %s", d->password_file,
		    bw_strerror(b->err));
	if (err != BW_OK)
		return err;
	b->p[strcspn(b->p, "\r\n")] = '\0';
	d->password = b->p;
	if (b->p[0] == '\0')
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "%s: the first line must be the password",
		    d->password_file);
	return BW_OK;
}

static enum bw_err
load(struct doctor *d, struct bw_error *e)
{
	const struct bw_reporter quiet = {.fn = NULL};
	enum bw_err err;

	if (d->config_file == NULL)
		return BW_OK;
	err = bw_config_load(d->config_file, &d->config, &quiet, e);
	if (err != BW_ERR_CONFIG || !d->local)
		return err;
	/* What else there is to see on the machine does not depend on it. */
	doctor_found(&d->report, DOCTOR_CHECK, d->config_file, NULL, DOCTOR_ANY,
	    "%s", e->msg);
	*e = (struct bw_error){.code = BW_OK};
	return BW_OK;
}

static enum bw_err
look(struct doctor *d, struct bw_error *e)
{
	enum bw_err err = load(d, e);

	if (err == BW_OK)
		err = d->local ? doctor_local(d, e) : doctor_remote(d, e);
	doctor_step_end();
	if (err != BW_OK)
		return err;
	doctor_print(&d->report, d->json);
	if (d->failed || d->report.failed)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "out of memory");
	if (fflush(stdout) != 0)
		return bw_error_set(e, BW_ERR_IO, 0, "standard output: fails");
	return doctor_failed(&d->report) ? BW_ERR_CONFIG : BW_OK;
}

static int
examine(struct doctor *d)
{
	struct bw_error e = {0};
	struct bw_buf password;
	enum bw_err err;

	bw_buf_init(&password, BW_MAX_PASSWD);
	err = read_password(d, &password, &e);
	if (err == BW_OK)
		err = look(d, &e);
	if (e.msg[0] != '\0')
		fprintf(stderr, "bwcallback: %s\n", e.msg);
	bw_config_unref(d->config);
	doctor_report_free(&d->report);
	if (password.p != NULL)
		explicit_bzero(password.p, password.n);
	bw_buf_free(&password);
	return bw_err_exit(err);
}

static bool
take_flag(struct doctor *d, const char *name)
{
	const struct {
		const char *name;
		bool *to;
	} flags[] = {
	    {"--local", &d->local},
	    {"--json", &d->json},
	    {"--outage", &d->outage},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(name, flags[i].name) == 0) {
			*flags[i].to = true;
			return true;
		}
	}
	return false;
}

static bool
take_value(struct doctor *d, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **to;
	} values[] = {
	    {"--user", &d->user},
	    {"--password-file", &d->password_file},
	    {"--config", &d->config_file},
	    {"--socket", &d->socket},
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strcmp(name, values[i].name) == 0) {
			*values[i].to = value;
			return true;
		}
	}
	return false;
}

/* What goes with what. */
static bool
is_sensible(const struct doctor *d)
{
	if ((d->user != NULL) != (d->password_file != NULL))
		return false;
	if (d->local)
		return d->url == NULL && d->user == NULL && !d->outage;
	return d->url != NULL && d->socket == NULL &&
	       (!d->outage || d->user != NULL);
}

static int
run(int argc, char **argv)
{
	struct doctor d = {.url = NULL};

	for (int i = 1; i < argc; i++) {
		if (take_flag(&d, argv[i]))
			continue;
		if (i + 1 < argc && take_value(&d, argv[i], argv[i + 1]))
			i++;
		else if (argv[i][0] != '-' && d.url == NULL)
			d.url = argv[i];
		else
			return command_usage("doctor");
	}
	return is_sensible(&d) ? examine(&d) : command_usage("doctor");
}

const struct command command_doctor = {
    .name = "doctor",
    .summary = "find what is wrong between Bandwidth and the responder",
    .help =
	"usage: bwcallback doctor [--user NAME --password-file FILE]\n"
	"                         [--config FILE] [--outage] [--json] URL\n"
	"       bwcallback doctor --local [--config FILE] [--socket PATH]\n"
	"                         [--json]\n"
	"\n"
	"Play Bandwidth's first contact with a URL and say what is wrong, "
	"what\n"
	"that means for callbacks, and which line to write where. Nothing is\n"
	"stored, run or ordered by what it sends. With --local, look at the\n"
	"machine that it runs on. When nothing is wrong nothing is printed.\n"
	"\n"
	"  --user NAME           a user as Bandwidth has been told\n"
	"  --password-file FILE  whose first line is the password\n"
	"  --config FILE         try the paths of all sections there; of the\n"
	"                        URL only https://host:port matters then. "
	"With\n"
	"                        --local: look at its files and its store\n"
	"  --outage              also let one request on each path fail, and\n"
	"                        see what the web server makes of that\n"
	"  --local               look at socket, limits, versions, disk, "
	"files\n"
	"  --socket PATH         of the responder, if it is not\n"
	"                        /run/bwcallback/bwcallback.sock\n"
	"  --json                print each finding as a JSON object\n"
	"\n"
	"The exit code is 0 without errors, 78 with one, 64 for wrong use, 66\n"
	"when a file cannot be read.\n",
    .run = run,
};
