#ifndef BWI_STORE_LIBPQ_H
#define BWI_STORE_LIBPQ_H

#include <bwcallback/error.h>

/*
 * libpq and the libraries that it needs take 4 MB of a process, and most of the
 * time in which a CGI program starts. So it is loaded with the first URL of a
 * PostgreSQL store.
 */
#define BWI_LIBPQ "libpq.so.5"

/*
 * Load a library; nothing, if one was loaded. After BW_OK the functions of
 * libpq.def work; none may be called before. BW_ERR_CONFIG: it cannot be
 * loaded, or it lacks a function. Any thread may call it.
 */
enum bw_err bwi_libpq_load(const char *file, struct bw_error *) BW_CHECK;

#endif
