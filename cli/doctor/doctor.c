/* bwcallback doctor: find faults between Bandwidth and the responder. */
#include <stdio.h>
#include <string.h>

#include <bwcallback/limits.h>

#include "cli/common/command.h"
#include "cli/common/input.h"
#include "cli/common/terminal.h"
#include "cli/doctor/doctor_local.h"
#include "cli/doctor/doctor_remote.h"

static enum bw_err
read_password(struct doctor *d, struct bw_buf *b, struct bw_error *e)
{
	enum bw_err err;

	if (d->password_file == NULL)
		return BW_OK;
	err = input_read_line(d->password_file, b, &d->password, e);
	if (err == BW_OK && d->password[0] == '\0')
		err = bw_error_set(e, BW_ERR_USAGE, 0,
		    "%s: the first line must be the password",
		    d->password_file);
	return err;
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
	/*
	 * An invalid configuration is a finding; the other checks do not need
	 * it.
	 */
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
		terminal_complain("%s", e.msg);
	bw_config_unref(d->config);
	doctor_report_free(&d->report);
	if (password.p != NULL)
		explicit_bzero(password.p, password.n);
	bw_buf_free(&password);
	return bw_err_exit(err);
}

#define AT(member) .at = offsetof(struct doctor, member)
static const struct option_row rows[] = {
    {"user", "NAME", "a user as Bandwidth has been told", .kind = OPTION_TEXT,
	AT(user)},
    {"password-file", "FILE", "whose first line is the password",
	.kind = OPTION_TEXT, AT(password_file)},
    {"config", "FILE",
	"try the paths of all sections there; of the URL only "
	"https://host:port matters then. With --local: look at its files and "
	"its store",
	.kind = OPTION_TEXT, AT(config_file)},
    {"outage", NULL,
	"also let one request on each path fail, and see what the web server "
	"makes of that",
	.kind = OPTION_FLAG, AT(outage)},
    {"local", NULL, "look at socket, limits, versions, disk, files",
	.kind = OPTION_FLAG, AT(local)},
    {"socket", "PATH",
	"of the responder, if it is not /run/bwcallback/bwcallback.sock",
	.kind = OPTION_TEXT, AT(socket)},
    {"json", NULL, "print each finding as a JSON object", .kind = OPTION_FLAG,
	AT(json)},
    {.name = NULL},
};

/* Check which options go together. Returns -1 if they are valid. */
static int
check_options(const struct command *c, const struct doctor *d)
{
	if ((d->user != NULL) != (d->password_file != NULL))
		return command_refuse(
		    c, "--user and --password-file belong together");
	if (d->local && (d->url != NULL || d->user != NULL || d->outage))
		return command_refuse(c,
		    "--local looks at this machine: no URL, --user or --outage "
		    "goes with it");
	if (d->local)
		return -1;
	if (d->url == NULL)
		return command_refuse(c, "URL, or --local, is missing");
	if (d->socket != NULL)
		return command_refuse(c, "--socket goes with --local");
	if (d->outage && d->user == NULL)
		return command_refuse(
		    c, "--outage needs --user and --password-file");
	return -1;
}

static int
run(const struct command *c, int argc, char **argv)
{
	struct doctor d = {.url = NULL};
	struct option_rest rest;
	int status = command_parse(c, argc, argv, &d, NULL, &rest);

	if (status >= 0)
		return status;
	d.url = rest.argc > 0 ? rest.argv[0] : NULL;
	if (d.local && d.config_file == NULL)
		d.config_file = command_config();
	status = check_options(c, &d);
	return status >= 0 ? status : examine(&d);
}

const struct command command_doctor = {
    .name = "doctor",
    .summary = "find what is wrong between Bandwidth and the responder",
    .usage = "[--user NAME --password-file FILE] [OPTION...] URL\n"
	     "--local [OPTION...]",
    .about =
	"Play Bandwidth's first contact with a URL and say what is wrong, what "
	"that means for callbacks, and which line to write where. Nothing is "
	"stored, run or ordered by what it sends. With --local, look at the "
	"machine that it runs on. When nothing is wrong nothing is printed.",
    .more =
	"The exit code is 0 without errors, 78 with one, 64 for wrong use, 66 "
	"when a file cannot be read.",
    .options = rows,
    .group = 1,
    .most = 1,
    .examples =
	"bwcallback doctor https://callbacks.example.com/voice\n"
	"bwcallback doctor --local --config /etc/bwcallback/callbacks.xml",
    .run = run,
};
