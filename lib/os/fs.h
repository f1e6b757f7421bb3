#ifndef BWI_OS_FS_H
#define BWI_OS_FS_H

#include <stdbool.h>

#include <bwcallback/error.h>

/* Synchronise the folder a file is in, so that its name survives, too. */
int bwi_fs_sync_dir(const char *path);
/* errno as an error: "path: noun: text". */
enum bw_err
bwi_fs_error(struct bw_error *, int sys, const char *path, const char *noun);
/*
 * Is it on a file system that other machines may share? Memory mapped by
 * several processes is not one memory there.
 */
bool bwi_fs_is_shared(const char *path);

#endif
