/* The version in the header is the one that configure has. */
#include "config.h"

#include <stdio.h>

#include <bwcallback.h>

#include "tests/tap/tap.h"

int
main(void)
{
	char numbers[64];

	snprintf(numbers, sizeof(numbers), "%d.%d.%d", BW_VERSION_MAJOR,
	    BW_VERSION_MINOR, BW_VERSION_PATCH);
	is_str(numbers, PACKAGE_VERSION, "BW_VERSION_MAJOR, _MINOR, _PATCH");
	is_str(BW_VERSION, PACKAGE_VERSION, "BW_VERSION");
	is_str(bw_version(), PACKAGE_VERSION, "bw_version()");
	return tap_done();
}
