#include <config.h>

#include "cli/common/password_prompt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void catch (int number)
{
	caught = number;
}

/*
 * Wait for a byte with the signal mask set to mask. The signals are unblocked
 * only during the wait, so one that arrives just before the read is not lost.
 */
static ssize_t
read_byte(char *c, const sigset_t *mask)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

	while (mask != NULL && ppoll(&in, 1, NULL, mask) < 0) {
		if (errno != EINTR || caught != 0)
			return -1;
	}
	return read(STDIN_FILENO, c, 1);
}

/*
 * Read byte by byte: input after the line must stay unread for other programs.
 */
static enum bw_err
read_line(struct secret *s, const sigset_t *mask, struct bw_error *e)
{
	ssize_t got = 0;
	char c = '\0';

	s->n = 0;
	while ((got = read_byte(&c, mask)) == 1 && c != '\n') {
		if (s->n == sizeof(s->text) - 1)
			return bw_error_set(e, BW_ERR_USAGE, 0,
			    "password: longer than %d bytes",
			    BW_PASSWD_MAX_PASSWORD);
		s->text[s->n++] = c;
	}
	if (got < 0)
		return bw_error_set(
		    e, BW_ERR_IO, errno, "standard input: %s", strerror(errno));
	if (got == 0 && s->n == 0)
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "password: none came on standard input");
	if (s->n != 0 && s->text[s->n - 1] == '\r')
		s->n--;
	return BW_OK;
}

#define ENDS 4
static const int ends[ENDS] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

static enum bw_err
read_unseen(struct secret *s, const char *prompt, const struct termios *shown,
    struct bw_error *e)
{
	struct sigaction act = {.sa_handler = catch}, old[ENDS];
	struct termios hidden = *shown;
	sigset_t blocked, mask;
	enum bw_err err;

	(void)sigemptyset(&blocked);
	for (size_t i = 0; i < ENDS; i++)
		(void)sigaddset(&blocked, ends[i]);
	(void)sigprocmask(SIG_BLOCK, &blocked, &mask);
	for (size_t i = 0; i < ENDS; i++)
		(void)sigaction(ends[i], &act, &old[i]);
	hidden.c_lflag &= (tcflag_t)~ECHO;
	/*
	 * Turn echo off before the prompt, so that an immediate answer is not
	 * echoed.
	 */
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	fputs(prompt, stderr);
	err = read_line(s, &mask, e);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, shown);
	fputc('\n', stderr);
	for (size_t i = 0; i < ENDS; i++)
		(void)sigaction(ends[i], &old[i], NULL);
	if (caught != 0) {
		password_wipe(s);
		(void)raise(caught);
	}
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	return err;
}

enum bw_err
password_read(struct secret *s, const char *prompt, struct bw_error *e)
{
	struct termios shown;

	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return read_line(s, NULL, e);
	return read_unseen(s, prompt, &shown, e);
}

enum bw_err
password_read_new(struct secret *s, struct bw_error *e)
{
	struct secret again = {0};
	enum bw_err err = password_read(s, "New password: ", e);

	if (err != BW_OK || isatty(STDIN_FILENO) == 0)
		return err;
	err = password_read(&again, "Once more: ", e);
	if (err == BW_OK && !bw_str_eq(password_str(s), password_str(&again)))
		err = bw_error_set(
		    e, BW_ERR_USAGE, 0, "password: the two differ");
	password_wipe(&again);
	return err;
}

struct bw_str
password_str(const struct secret *s)
{
	return (struct bw_str){s->text, s->n};
}

void
password_wipe(struct secret *s)
{
	explicit_bzero(s, sizeof(*s));
}
