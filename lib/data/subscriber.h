#ifndef BWI_DATA_SUBSCRIBER_H
#define BWI_DATA_SUBSCRIBER_H

#include <stdbool.h>

#include <bwcallback/str.h>

enum bwi_subscriber_field {
#define X(name, word, columns) BWI_SUBSCRIBER_##name,
#include "data/subscriber.def"
#undef X
	BWI_SUBSCRIBER__MAX
};

/* One row of the operator's data; p is NULL for fields without a column. */
struct bwi_subscriber {
	struct bw_str field[BWI_SUBSCRIBER__MAX];
};

/* Word of a field, such as "pin"; NULL for a value outside the enum. */
const char *bwi_subscriber_word(enum bwi_subscriber_field);
/* The field with that word; BWI_SUBSCRIBER__MAX for none. */
enum bwi_subscriber_field bwi_subscriber_find(struct bw_str word);

/*
 * The field that a column holds, by the column's name; BWI_SUBSCRIBER__MAX for
 * another column. When the name is probably a misspelt field, *meant is the
 * right spelling, else NULL: a misspelt "lock" column would lock nothing.
 */
enum bwi_subscriber_field
bwi_subscriber_column(struct bw_str name, const char **meant);

/*
 * Are two values equal? PIN: byte by byte, with leading zeros, in constant
 * time. ZIP: by the first five digits; lost leading zeros are restored. Account
 * and name: by letters and digits, in any case. An empty value equals none.
 */
bool bwi_subscriber_equal(
    enum bwi_subscriber_field, struct bw_str a, struct bw_str b);
/* Does a value have anything that can be compared? */
bool bwi_subscriber_has_value(enum bwi_subscriber_field, struct bw_str);

/* Is the number in service? Without the column: yes. */
bool bwi_subscriber_active(const struct bwi_subscriber *);
/* Is the number locked? An unknown value in the column counts as locked. */
bool bwi_subscriber_locked(const struct bwi_subscriber *);

#endif
