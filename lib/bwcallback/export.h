#ifndef BWCALLBACK_EXPORT_H
#define BWCALLBACK_EXPORT_H

/*
 * BW_EXPORT: a function of the library's interface. BW_CHECK: the compiler
 * warns when the result is not used. BW_PRINTF: argument f is a format of
 * printf(3), its arguments begin at a. BW_MODULE_SYMBOL: a symbol that a module
 * defines for the library (<bwcallback/module.h>).
 */
#if defined(__GNUC__)
#define BW_EXPORT	 __attribute__((visibility("default")))
#define BW_CHECK	 __attribute__((warn_unused_result))
#define BW_PRINTF(f, a)	 __attribute__((format(printf, f, a)))
#define BW_MODULE_SYMBOL __attribute__((visibility("default")))
#else
#define BW_EXPORT
#define BW_CHECK
#define BW_PRINTF(f, a)
#define BW_MODULE_SYMBOL
#endif

#endif
