#ifndef FUZZ_H
#define FUZZ_H

#include "event/payload_tree.h"

/*
 * A fuzz target is one file that defines this function, for any bytes. It is
 * linked with libFuzzer, or with replay.c, which feeds it the files of the
 * tree. It calls abort() if something is wrong.
 */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Abort unless the tree is consistent. */
void fuzz_check_tree(const struct bwi_tree *);

/* Abort unless an error has its code and a message. */
void fuzz_check_error(enum bw_err, const struct bw_error *);

#endif
