#ifndef BWCALLBACK_BUF_H
#define BWCALLBACK_BUF_H

#include <bwcallback/error.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A growing byte buffer with a ceiling. Appending never fails visibly: the
 * first failure (BW_ERR_NOMEM, or BW_ERR_LIMIT at the ceiling) sticks in err,
 * later appends do nothing, and one check at the end is enough.
 */
struct bw_buf {
	char *p;
	size_t n;
	size_t cap;
	size_t max;
	enum bw_err err;
};

/* max: most bytes it will ever hold. Allocates nothing yet. */
BW_EXPORT void bw_buf_init(struct bw_buf *, size_t max);
BW_EXPORT void bw_buf_free(struct bw_buf *);
/* Forget content and error, keep the memory. */
BW_EXPORT void bw_buf_reset(struct bw_buf *);

/* Have room for n bytes in all, so that appending them cannot fail. */
BW_EXPORT void bw_buf_reserve(struct bw_buf *, size_t n);

BW_EXPORT void bw_buf_add(struct bw_buf *, const char *p, size_t n);
BW_EXPORT void bw_buf_str(struct bw_buf *, struct bw_str);
/* s is terminated. */
BW_EXPORT void bw_buf_puts(struct bw_buf *, const char *s);
BW_EXPORT void bw_buf_putc(struct bw_buf *, char c);
BW_EXPORT void bw_buf_int(struct bw_buf *, long long);
BW_EXPORT void
bw_buf_printf(struct bw_buf *, const char *fmt, ...) BW_PRINTF(2, 3);

/*
 * The sinks through which text from outside enters markup. Whatever the
 * bytes, the result is valid UTF-8 that XML 1.0 allows: broken sequences and
 * characters that XML forbids become U+FFFD.
 *
 * xml: element text and attribute values alike (& < > " ' are escaped, and
 * tab, line feed and carriage return inside a value survive as references).
 * url: a component of a URL inside XML: everything but RFC 3986's unreserved
 * characters is percent-encoded, bytes as they are.
 */
BW_EXPORT void bw_buf_xml(struct bw_buf *, struct bw_str);
BW_EXPORT void bw_buf_url(struct bw_buf *, struct bw_str);

#ifdef __cplusplus
}
#endif

#endif
