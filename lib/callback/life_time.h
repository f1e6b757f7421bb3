#ifndef BWI_CALLBACK_LIFE_TIME_H
#define BWI_CALLBACK_LIFE_TIME_H

#include "callback/life.h"

/* The request is in its present step from now on: measure that. */
void bwi_life_time(struct bw_callback_context *);

#endif
