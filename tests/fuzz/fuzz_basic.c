/* The credentials in an Authorization header. */
#include <stdlib.h>
#include <string.h>

#include "auth/basic_auth.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bw_error error = {0};
	struct bwi_basic_auth b;
	enum bw_err err;

	err = bwi_basic_auth_parse(
	    &b, (struct bw_str){(const char *)p, n}, &error);
	fuzz_check_error(err, &error);
	if (err == BW_ERR_REJECTED)
		return 0;
	if (err != BW_OK || b.user.n == 0 || b.user.p != b.text ||
	    b.user.p[b.user.n] != ':' ||
	    memchr(b.user.p, ':', b.user.n) != NULL ||
	    b.password.p != b.user.p + b.user.n + 1 ||
	    b.user.n > BW_PASSWD_MAX_USER ||
	    b.password.n > BW_PASSWD_MAX_PASSWORD)
		abort();
	for (size_t i = 0; i < b.user.n + 1 + b.password.n; i++) {
		if ((unsigned char)b.text[i] < 0x20 || b.text[i] == 0x7f)
			abort();
	}
	return 0;
}
