#ifndef BWI_OS_FILE_REPLACE_H
#define BWI_OS_FILE_REPLACE_H

#include <sys/stat.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * A file that is changed by replacing it atomically: a reader sees the old
 * content or the new one. Edits of files in one folder are serialized.
 */
struct bwi_file_replace {
	char *path; /* of the file itself, with symbolic links resolved */
	char *text; /* content, NUL-terminated; empty for a new file */
	size_t n;
	bool exists;
	struct stat was;
	int folder;
};

/*
 * Lock the folder and read the file. BW_ERR_NOFILE (the file or its folder
 * cannot be opened), _IO, _LIMIT, _NOMEM; _BUSY: another process held the lock
 * for five seconds. Call bwi_file_replace_end() whatever is returned.
 */
enum bw_err bwi_file_replace_begin(struct bwi_file_replace *, const char *file,
    size_t max, struct bw_error *) BW_CHECK;
/*
 * Replace the file: write a temporary file in the same folder, sync and rename
 * it, and sync the folder. An existing file's mode and owner are preserved; a
 * new one gets mode 0640. BW_ERR_IO.
 */
enum bw_err bwi_file_replace_commit(
    struct bwi_file_replace *, struct bw_str text, struct bw_error *) BW_CHECK;
void bwi_file_replace_end(struct bwi_file_replace *);

#endif
