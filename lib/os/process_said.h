#ifndef BWI_OS_PROCESS_SAID_H
#define BWI_OS_PROCESS_SAID_H

#include <bwcallback/tools/process.h>

/* Append output; only its last bytes are kept. */
void bwi_process_said_add(struct bw_process_said *, const char *, size_t n);
/*
 * Call this at the end. Removes a first line that is incomplete and the last
 * line end, and replaces control characters and invalid UTF-8.
 */
void bwi_process_said_finish(struct bw_process_said *);

#endif
