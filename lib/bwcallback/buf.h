#ifndef BWCALLBACK_BUF_H
#define BWCALLBACK_BUF_H

#include <bwcallback/error.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A growing byte buffer with a maximum size. The append functions return
 * nothing: the first failure is recorded in err (BW_ERR_NOMEM, or BW_ERR_LIMIT
 * at the maximum), and later calls do nothing. So check err once, at the end.
 * Read p and n directly; p is not terminated and changes when the buffer
 * grows. Do not modify the other members.
 */
struct bw_buf {
	char *p;  /* content, NULL before the first append */
	size_t n; /* bytes of content */
	size_t cap;
	size_t max;
	enum bw_err err;
};

/* Initialise an empty buffer of at most max bytes. Allocates nothing. */
BW_EXPORT void bw_buf_init(struct bw_buf *, size_t max);
/* Release the memory. The buffer is empty afterwards and can be reused. */
BW_EXPORT void bw_buf_free(struct bw_buf *);
/* Discard content and error, but not the memory. */
BW_EXPORT void bw_buf_reset(struct bw_buf *);

/*
 * Allocate room for n bytes in total, so that appends up to that size cannot
 * fail.
 */
BW_EXPORT void bw_buf_reserve(struct bw_buf *, size_t n);

/* Append n bytes. */
BW_EXPORT void bw_buf_add(struct bw_buf *, const char *p, size_t n);
/* Append a string. */
BW_EXPORT void bw_buf_str(struct bw_buf *, struct bw_str);
/* Append a terminated string. */
BW_EXPORT void bw_buf_puts(struct bw_buf *, const char *s);
/* Append one byte. */
BW_EXPORT void bw_buf_putc(struct bw_buf *, char c);
/* Append a number in decimal. */
BW_EXPORT void bw_buf_int(struct bw_buf *, long long);
/* Append formatted text, as printf(3) does. */
BW_EXPORT void
bw_buf_printf(struct bw_buf *, const char *fmt, ...) BW_PRINTF(2, 3);

/*
 * Append text as content of XML. It may be used in element text and in
 * attribute values: & < > " ' are escaped; tab, line feed and carriage return
 * are written as character references, so that they survive in attributes.
 * The result is always valid UTF-8 that XML 1.0 allows: an invalid sequence or
 * a character that XML forbids becomes U+FFFD.
 */
BW_EXPORT void bw_buf_xml(struct bw_buf *, struct bw_str);
/*
 * Append text as a component of a URL. All bytes but the unreserved characters
 * of RFC 3986, section 2.3, are percent-encoded.
 */
BW_EXPORT void bw_buf_url(struct bw_buf *, struct bw_str);

#ifdef __cplusplus
}
#endif

#endif
