/* Loading libpq: what is said when it cannot be, and that this is not final. */
#include "store/libpq.h"

#include <libpq-fe.h>
#include <string.h>

#include "tests/tap/tap.h"

static void
test_refused(const char *file, const char *said)
{
	struct bw_error e = {0};

	is_int(bwi_libpq_load(file, &e), BW_ERR_CONFIG, "%s", file);
	ok(strstr(e.msg, said) != NULL, "\"%s\" is said: %s", said, e.msg);
}

int
main(void)
{
	struct bw_error e = {0};
	PQconninfoOption *o;

	test_refused("libnosuch.so.5", "cannot be loaded");
	test_refused("libc.so.6", "libc.so.6 has no function PQ");
	is_int(bwi_libpq_load(BWI_LIBPQ, &e), BW_OK, "then it is loaded");
	o = PQconninfoParse("postgresql:///d", NULL);
	ok(o != NULL, "its functions work");
	PQconninfoFree(o);
	is_int(bwi_libpq_load("libnosuch.so.5", &e), BW_OK, "and stays");
	return tap_done();
}
