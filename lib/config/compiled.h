#ifndef BWI_CONFIG_COMPILED_H
#define BWI_CONFIG_COMPILED_H

#include <bwcallback/buf.h>

#include "config/loader.h"

/*
 * The compiled form of a configuration: its elements as they were when they
 * had been read, put together, validated and checked, so that a process that
 * answers one request and ends (CGI) does none of that. What they mean is
 * compiled from them as ever, but only the section of the request, so that
 * there is one loader and its size does not matter.
 *
 * It is a file beside the configuration, FILE.compiled, that nobody but the
 * user of the process may read or write: what can write it can make the
 * program do as it likes, as what can write the configuration can. One of
 * somebody else is not looked at. It holds what the configuration holds, and no
 * secret: those stay in files of their own, which are read each time.
 */

/* Append the compiled form of what has been loaded; BW_ERR_* in the buffer. */
void bwi_compiled_write(
    const struct bwi_loader *, const xmlNode *root, struct bw_buf *);

/* What of a configuration one request needs. */
struct bwi_wanted {
	struct bw_str path;   /* the request's */
	bool has_credentials; /* without, it is asked for them and no more */
};

/*
 * Is it whole, of this version, and of the files as they are now? Their names
 * are relative to file's folder. Hostile bytes are refused.
 */
bool bwi_compiled_is_fresh(struct bw_str image, const char *file);
/*
 * The root with what is wanted of it, as bwi_loader_read would have given it,
 * in the configuration's arena; its text points into the image. NULL: damaged,
 * or no memory, which the loader then knows. That it is fresh is not asked.
 */
const xmlNode *bwi_compiled_read(struct bwi_loader *, struct bw_str image,
    const char *file, const struct bwi_wanted *);

/*
 * The image beside file, if there is one to be trusted; bwi_free it. False:
 * there is none.
 */
bool bwi_compiled_load(const char *file, char **image, size_t *n);
/*
 * Put one there in one step, if that can be done; otherwise the next process
 * does its work again, and nothing is lost.
 */
void bwi_compiled_save(
    const struct bwi_loader *, const char *file, const struct bw_buf *image);

#endif
