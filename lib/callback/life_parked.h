#ifndef BWI_CALLBACK_LIFE_PARKED_H
#define BWI_CALLBACK_LIFE_PARKED_H

#include <stdbool.h>

struct bw_callback_context;
struct bwi_section;

/* Set what gives way: by the section, and how many requests are parked now. */
void
bwi_life_set_priority(struct bw_callback_context *, const struct bwi_section *);
/* The request is parked from now on, or is no more. */
void bwi_life_count_parked(struct bw_callback_context *, bool waits);
/* Number of parked requests, of all stores. */
unsigned bwi_life_parked(void);

#endif
