#ifndef BWI_PAGE_PARAMS_H
#define BWI_PAGE_PARAMS_H

#include <bwcallback/buf.h>

/* Parameters of one address, or fields of one form. */
#define BWI_PARAMS_MAX 24

/* The parameters of a page, decoded. */
struct bwi_params {
	struct bw_buf text;
	size_t n;
	struct {
		size_t name, name_n; /* in the text */
		size_t value, value_n;
	} v[BWI_PARAMS_MAX];
};

/*
 * Decode a query, or the body of a form. false: it has too many parameters, or
 * there is no memory for them.
 */
bool bwi_params_init(struct bwi_params *, struct bw_str query) BW_CHECK;
void bwi_params_free(struct bwi_params *);

/*
 * Append a decoded part of an address; an escape that is not valid stays as it
 * is. form: a plus is a blank.
 */
void bwi_params_decode(struct bw_buf *, struct bw_str, bool form);

/* The value of the first parameter of a name; p NULL: there is none. */
struct bw_str bwi_params_get(const struct bwi_params *, const char *name);
struct bw_str bwi_params_name(const struct bwi_params *, size_t i);
struct bw_str bwi_params_value(const struct bwi_params *, size_t i);

#endif
