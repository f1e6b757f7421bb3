#ifndef BWCALLBACK_EXPORT_H
#define BWCALLBACK_EXPORT_H

#if defined(__GNUC__)
#define BW_EXPORT	__attribute__((visibility("default")))
#define BW_CHECK	__attribute__((warn_unused_result))
#define BW_PRINTF(f, a) __attribute__((format(printf, f, a)))
/* What a module defines for us, see module.h. */
#define BW_MODULE_SYMBOL __attribute__((visibility("default")))
#else
#define BW_EXPORT
#define BW_CHECK
#define BW_PRINTF(f, a)
#define BW_MODULE_SYMBOL
#endif

#endif
