#ifndef BWC_COMMON_MANUAL_H
#define BWC_COMMON_MANUAL_H

#include "cli/common/command.h"

/*
 * Open the manual page of a command or of its group with man(1), which replaces
 * this process. Returns if there is no man or no page.
 */
void manual_open(const struct command *);

#endif
