/*
 * Passwords that were accepted are remembered by other credentials of the
 * process, and by other processes, while no password can be hashed.
 */
#include "auth/auth_memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bwcallback/config.h>
#include <bwcallback/tools/passwd.h>

#include "auth/credentials.h"
#include "auth/hash_limiter.h"
#include "base/request.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

#define FILE_NAME "events.db.verified"
#define ADA	  "Basic YWRhOng=" /* ada:x */
#define ADA_WRONG "Basic YWRhOnk=" /* ada:y */
#define BOB	  "Basic Ym9iOng=" /* bob:x */
#define EVE	  "Basic ZXZlOng=" /* eve:x */

/* Other turns, which take up the limiter. */
static struct bwi_hash_turn taken[BWI_HASH_LIMITER_HASHING];

static void
stop_hashing(void)
{
	for (size_t i = 0; i < BWI_HASH_LIMITER_HASHING; i++) {
		struct bwi_digest d = {{i, i}};

		bwi_hash_turn_init(
		    &taken[i], &d, BW_STR("192.0.2.1"), BW_STR("x"));
		if (bwi_hash_limiter_ask(bwi_hash_limiter(), &taken[i]) !=
		    BWI_HASH_ADMITTED)
			abort();
	}
}

static void
go_on_hashing(void)
{
	for (size_t i = 0; i < BWI_HASH_LIMITER_HASHING; i++)
		bwi_hash_limiter_leave(bwi_hash_limiter(), &taken[i], false);
}

/* A request to new credentials, which waits for no turn to hash. */
static enum bw_err
check_once(const char *header, const char *file)
{
	struct bwi_credentials *c = NULL;
	struct bw_request req = {.authorization = {header, strlen(header)}};
	struct bw_str user = {NULL, 0};
	enum bw_err err;

	err = bwi_credentials_open(&c, "here", "passwd", NULL, NULL);
	if (err == BW_OK && file != NULL)
		err = bwi_credentials_set_cache_file(c, file, NULL);
	if (err == BW_OK)
		err = bwi_credentials_check(c, &req, 1, &user, NULL);
	if (err == BW_OK && user.n != 3)
		abort();
	bwi_credentials_free(c);
	return err;
}

/* Another process does the same. */
static enum bw_err
check_elsewhere(const char *header, const char *file)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit((int)check_once(header, file));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		abort();
	return (enum bw_err)WEXITSTATUS(status);
}

static void
test_reload(void)
{
	is_int(check_once(ADA, NULL), BW_OK, "a right password is hashed");
	stop_hashing();
	is_int(check_once(ADA, NULL), BW_OK,
	    "new credentials accept it without hashing");
	is_int(check_once(ADA_WRONG, NULL), BW_ERR_BUSY,
	    "another password of the user must be hashed");
	is_int(
	    check_once(BOB, NULL), BW_ERR_BUSY, "so must that of another user");
	go_on_hashing();
	is_int(check_once(ADA_WRONG, NULL), BW_ERR_REJECTED,
	    "the other password is wrong");
	if (bw_passwd_set("passwd", BW_STR("ada"), BW_STR("z"), NULL) != BW_OK)
		abort();
	is_int(check_once(ADA, NULL), BW_ERR_REJECTED,
	    "the password was changed: the old one is wrong");
}

static void
test_restart(void)
{
	struct stat st;

	is_int(check_elsewhere(BOB, FILE_NAME), BW_OK,
	    "another process hashes a right password");
	ok(stat(FILE_NAME, &st) == 0 && (st.st_mode & 07777) == 0600,
	    "and writes a private file");
	stop_hashing();
	is_int(check_once(BOB, NULL), BW_ERR_BUSY,
	    "without the file it must be hashed");
	is_int(check_once(BOB, FILE_NAME), BW_OK, "with the file it need not");
	is_int(check_once(BOB, NULL), BW_OK, "from then on it is in memory");
	is_int(check_once(EVE, FILE_NAME), BW_ERR_BUSY,
	    "another user is not in the file");
	go_on_hashing();
	is_int(check_once(EVE, "no/such/folder/x"), BW_OK,
	    "a file that cannot be written is no error");
}

static enum bw_err
load(struct bw_error *e)
{
	struct bw_reporter none = {0};
	struct bw_config *c = NULL;
	enum bw_err err = bw_config_load("callbacks.xml", &c, &none, e);

	if (err == BW_OK) {
		err = bw_config_set_auth_cache(c, FILE_NAME, e);
		bw_config_unref(c);
	}
	return err;
}

/* For all credentials of a configuration, with each allocation failing. */
static void
test_config(void)
{
	struct bw_error e = {0};
	unsigned long n = 0;
	enum bw_err err;

	scratch_write("callbacks.xml",
	    "<callbacks>"
	    "<credentials id='a' file='passwd'/>"
	    "<credentials id='b' file='passwd'/>"
	    "<voice path='/v' credentials='a'><on><Response/></on></voice>"
	    "</callbacks>");
	is_int(load(&e), BW_OK, "a configuration");
	do {
		tap_fail_alloc(++n);
		err = load(&e);
		tap_fail_alloc(0);
	} while (err != BW_OK && n < 10000);
	is_int(err, BW_OK, "each allocation failed (%lu)", n);
	ok(n > 2, "the test made allocations fail");
}

int
main(void)
{
	scratch_enter();
	if (bw_passwd_set("passwd", BW_STR("ada"), BW_STR("x"), NULL) !=
		BW_OK ||
	    bw_passwd_set("passwd", BW_STR("bob"), BW_STR("x"), NULL) !=
		BW_OK ||
	    bw_passwd_set("passwd", BW_STR("eve"), BW_STR("x"), NULL) != BW_OK)
		abort();
	test_reload();
	test_restart();
	test_config();
	return tap_done();
}
