#ifndef BWI_CONFIG_DATA_FILE_H
#define BWI_CONFIG_DATA_FILE_H

#include "config/loader.h"

/*
 * The files of <calendar> and <table>. A process that answers one request has
 * no older version of a file that became invalid, as a server has. So the
 * compiled form keeps the text of each file that is not large: that is the last
 * valid version.
 */

/* The text of a file, for the compiled form. */
struct bwi_data_file {
	const struct bwi_data_file *next;
	const xmlNode *node; /* <calendar> or <table> */
	struct bw_str text;
};

bool bwi_data_file_is(const xmlNode *);
/*
 * Read the file that a node names, or take the text that the compiled form has.
 * The caller frees *text with bwi_free; NULL after an error.
 */
enum bw_err
bwi_data_file_read(struct bwi_loader *, const xmlNode *, const char *file,
    size_t max, char **text, size_t *n, struct bw_error *) BW_CHECK;
/* The text of a node's file for the compiled form; p NULL: none. */
struct bw_str bwi_data_file_text(const struct bwi_loader *, const xmlNode *);
/*
 * Are the files of a compiled form as they were, or invalid now? The latter is
 * reported as a warning. False: one has a new, valid version.
 */
bool bwi_data_files_are_current(struct bwi_loader *, const xmlNode *root);

#endif
