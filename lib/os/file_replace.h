#ifndef BWI_OS_FILE_REPLACE_H
#define BWI_OS_FILE_REPLACE_H

#include <sys/stat.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * A file that is changed by replacing it in one step: who reads it sees the
 * old one or the new one, whatever happens in between. Edits of one folder's
 * files wait for each other.
 */
struct bwi_file_replace {
	char *path; /* of the file itself, symbolic links followed */
	char *text; /* what it holds, terminated; empty for a new file */
	size_t n;
	bool exists;
	struct stat was;
	int folder;
};

/*
 * Lock and read. BW_ERR_NOFILE (unreadable, or its folder is), _IO, _LIMIT,
 * _NOMEM; _BUSY: somebody else did not finish within five seconds. End it
 * whatever is returned.
 */
enum bw_err bwi_file_replace_begin(struct bwi_file_replace *, const char *file,
    size_t max, struct bw_error *) BW_CHECK;
/*
 * Replace: written beside the file, synced, renamed, and the folder synced.
 * An existing file's mode and owner stay, a new one gets mode 0640. _IO.
 */
enum bw_err bwi_file_replace_commit(
    struct bwi_file_replace *, struct bw_str text, struct bw_error *) BW_CHECK;
void bwi_file_replace_end(struct bwi_file_replace *);

#endif
