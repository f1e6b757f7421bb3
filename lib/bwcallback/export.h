#ifndef BWCALLBACK_EXPORT_H
#define BWCALLBACK_EXPORT_H

#if defined(__GNUC__)
#define BW_EXPORT	__attribute__((visibility("default")))
#define BW_CHECK	__attribute__((warn_unused_result))
#define BW_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define BW_EXPORT
#define BW_CHECK
#define BW_PRINTF(f, a)
#endif

#endif
