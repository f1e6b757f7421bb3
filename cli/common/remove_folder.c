#include "cli/common/remove_folder.h"

#include <ftw.h>
#include <stdio.h>

#define MAX_OPEN 16

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	(void)remove(path);
	return 0;
}

void
remove_folder(const char *path)
{
	(void)nftw(path, remove_one, MAX_OPEN, FTW_DEPTH | FTW_PHYS);
}
