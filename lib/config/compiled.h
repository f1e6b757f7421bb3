#ifndef BWI_CONFIG_COMPILED_H
#define BWI_CONFIG_COMPILED_H

#include <bwcallback/buf.h>

#include "config/loader.h"

/*
 * The compiled form of a configuration: its elements after reading, inclusion
 * and validation, so that a process which answers a single request (CGI) can
 * skip these steps. Only the elements that the request needs are taken from it,
 * and they go through the usual loader.
 *
 * The file FILE.compiled is beside the configuration and accessible to its
 * owner only: write access to it allows as much as write access to the
 * configuration. A file of another owner is ignored. It contains what the
 * configuration contains, and its tables and calendars (data_file.h), but no
 * secrets: those are in separate files, which are read each time.
 */

/*
 * Append the compiled form of the loaded configuration; errors are recorded in
 * the buffer.
 */
void bwi_compiled_write(
    const struct bwi_loader *, const xmlNode *root, struct bw_buf *);

/* The parts of a configuration that one request needs. */
struct bwi_compiled_request {
	struct bw_str path;   /* the request's */
	bool has_credentials; /* false: the answer is a 401 */
};

/* Is the image complete and of this version? Safe for any bytes. */
bool bwi_compiled_is_whole(struct bw_str image);
/*
 * Is the image complete, of this version, and up to date with its source files?
 * Their names are relative to file's folder. Safe for any bytes.
 */
bool bwi_compiled_is_fresh(struct bw_str image, const char *file);
/*
 * The root element with the parts that are needed, as from bwi_loader_read, in
 * the configuration's arena; its text points into the image. NULL: damaged, or
 * out of memory, which is recorded in the loader. Does not check that the image
 * is up to date.
 */
const xmlNode *bwi_compiled_read(struct bwi_loader *, struct bw_str image,
    const char *file, const struct bwi_compiled_request *);

/*
 * Read the image beside file if it can be trusted; free it with bwi_free.
 * False: there is none.
 */
bool bwi_compiled_load(const char *file, char **image, size_t *n);
/*
 * Write the image beside file atomically. Failure is harmless: the next process
 * loads the configuration itself.
 */
void bwi_compiled_save(
    const struct bwi_loader *, const char *file, const struct bw_buf *image);

#endif
