#ifndef BWCALLBACK_VERSION_H
#define BWCALLBACK_VERSION_H

#include <bwcallback/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version that a program is compiled with. */
#define BW_VERSION_MAJOR 0
#define BW_VERSION_MINOR 1
#define BW_VERSION_PATCH 0
#define BW_VERSION	 "0.1.0"

/* The version that it runs with, in the form of BW_VERSION. Static memory. */
BW_EXPORT const char *bw_version(void);

#ifdef __cplusplus
}
#endif

#endif
