#ifndef FUZZ_H
#define FUZZ_H

#include "event/payload_tree.h"

/*
 * A fuzz target is one file that defines this, for any bytes. It is linked
 * with libFuzzer, or with replay.c, which feeds it what is in the tree.
 * What must never be, it ends with abort().
 */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Abort unless what holds for every tree holds for this one. */
void fuzz_check_tree(const struct bwi_tree *);

/* Abort unless an error came with its code and reason. */
void fuzz_check_error(enum bw_err, const struct bw_error *);

#endif
