#ifndef BWI_AUTH_AUTH_MEMORY_H
#define BWI_AUTH_AUTH_MEMORY_H

#include "auth/htpasswd.h"

/*
 * Accepted credentials of the process, as digests. They outlive a
 * configuration. So after a reload, a flood of wrong passwords cannot delay
 * passwords that were right before the reload. Thread-safe.
 */
bool bwi_auth_memory_find(const struct bwi_htpasswd *, struct bw_str user,
    struct bw_str header, const struct bwi_htpasswd_line **);
void
bwi_auth_memory_add(const struct bwi_htpasswd_line *, struct bw_str header);

#endif
