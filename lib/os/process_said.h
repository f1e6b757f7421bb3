#ifndef BWI_OS_PROCESS_SAID_H
#define BWI_OS_PROCESS_SAID_H

#include <bwcallback/tools/process.h>

/* Keep the last bytes of what was written so far and is written now. */
void bwi_process_said_add(struct bw_process_said *, const char *, size_t n);
/*
 * Call at the end: removes the rest of a line whose beginning was not kept and
 * the line end of the last one; replaces control characters and what is not
 * UTF-8.
 */
void bwi_process_said_finish(struct bw_process_said *);

#endif
