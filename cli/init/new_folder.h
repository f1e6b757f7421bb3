#ifndef BWC_INIT_NEW_FOLDER_H
#define BWC_INIT_NEW_FOLDER_H

#include <sys/types.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/str.h>

struct new_file {
	const char *folder; /* of the examples */
	const char *name;
	mode_t mode; /* before the umask */
	struct bw_str text;
};

/*
 * A new folder. It gets its name after all its files are written, so it is
 * never seen incomplete. An existing folder is not changed.
 */
struct new_folder {
	const char *name;
	struct bw_buf draft; /* the name until then, NUL-terminated */
};

/* BW_ERR_IO: the draft cannot be created. */
enum bw_err new_folder_begin(
    struct new_folder *, const char *name, struct bw_error *) BW_CHECK;
enum bw_err new_folder_add(
    struct new_folder *, const struct new_file *, struct bw_error *) BW_CHECK;
/*
 * Give the folder its name. BW_ERR_USAGE: there is a file of that name, or a
 * folder that is not empty or is in use.
 */
enum bw_err new_folder_end(struct new_folder *, struct bw_error *) BW_CHECK;
/* Removes the draft if the folder did not get its name. */
void new_folder_free(struct new_folder *);

#endif
