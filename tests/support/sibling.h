#ifndef TEST_SUPPORT_SIBLING_H
#define TEST_SUPPORT_SIBLING_H

#include <stdbool.h>

/*
 * Can a process fork a child of its parent, as helpers do? qemu-user has no
 * CLONE_PARENT, and refuses it with EINVAL.
 */
bool sibling_can_be_forked(void);

#endif
