#ifndef BWI_BASE_PRINTABLE_H
#define BWI_BASE_PRINTABLE_H

#include <bwcallback/tools/printable.h>

/*
 * The same for a terminated message, in place: each character that is not plain
 * becomes '?'. What is left of a character that was cut at the end is removed.
 */
void bwi_printable_message(char *message);

#endif
