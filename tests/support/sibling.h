#ifndef TEST_SUPPORT_SIBLING_H
#define TEST_SUPPORT_SIBLING_H

#include <stdbool.h>

/*
 * Can a process fork a child of its parent, as helpers do? qemu-user has no
 * CLONE_PARENT, and refuses it with EINVAL.
 */
bool sibling_can_be_forked(void);
/*
 * True, and a point that says so, where posix_spawn() does not report that a
 * program cannot be started: qemu-user makes a fork of vfork's shared memory.
 */
bool sibling_skips_spawn_errors(void);

#endif
