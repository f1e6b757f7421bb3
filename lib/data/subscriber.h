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

/* One row of the operator's data; p NULL for what there is no column of. */
struct bwi_subscriber {
	struct bw_str field[BWI_SUBSCRIBER__MAX];
};

/* "pin"; NULL outside the table. */
const char *bwi_subscriber_word(enum bwi_subscriber_field);
/* By its word; BWI_SUBSCRIBER__MAX for what is none. */
enum bwi_subscriber_field bwi_subscriber_find(struct bw_str word);

/*
 * What a column holds by its name; BWI_SUBSCRIBER__MAX for something else. A
 * name so near to one of ours that it may be misspelt goes to *meant, NULL
 * otherwise: a column of locks that nobody reads locks nothing.
 */
enum bwi_subscriber_field
bwi_subscriber_column(struct bw_str name, const char **meant);

/*
 * Do two values say the same? PIN: character by character, leading zeros
 * count, in constant time. ZIP: by its first five digits, where lost leading
 * zeros are made up for. Account and name: by letters and digits, whatever
 * their case. An empty value equals none.
 */
bool bwi_subscriber_same(
    enum bwi_subscriber_field, struct bw_str a, struct bw_str b);
/* Is there anything in a value that could be compared? */
bool bwi_subscriber_given(enum bwi_subscriber_field, struct bw_str);

/* Does the row say that the number is in service? Without a column: yes. */
bool bwi_subscriber_active(const struct bwi_subscriber *);
/* Does it say that the number is locked? What is not understood does. */
bool bwi_subscriber_locked(const struct bwi_subscriber *);

#endif
