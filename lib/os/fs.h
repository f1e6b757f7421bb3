#ifndef BWI_OS_FS_H
#define BWI_OS_FS_H

#include <stdbool.h>

#include <bwcallback/error.h>

/* Sync the folder that holds a file, so that the file's name is durable. */
int bwi_fs_sync_dir(const char *path);
/* Convert an errno value to an error: "path: noun: text". */
enum bw_err
bwi_fs_error(struct bw_error *, int sys, const char *path, const char *noun);
/*
 * Is the path on a file system that several machines may share? Memory mapped
 * by processes on different machines is not shared there.
 */
bool bwi_fs_is_shared(const char *path);

#endif
