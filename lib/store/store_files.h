#ifndef BWI_STORE_FILES_H
#define BWI_STORE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a store occupies on this machine, and what is left there. */
struct bwi_store_files {
	bool local;	   /* the store is files of this machine: */
	uint64_t segments; /* bytes of their files, without the logs */
	uint64_t logs;	   /* bytes of the write-ahead logs */
	size_t nsegments;
	bool placed;	/* the disk of the store, or of the spool, is known: */
	uint64_t free;	/* bytes that this user may still write */
	uint64_t nodes; /* files that can be made; UINT64_MAX: not limited */
};

/*
 * Ask the system, not the store: a few calls for each segment. spool: the path
 * of the spool; NULL: none.
 */
void bwi_store_files_look(
    const char *url, const char *spool, struct bwi_store_files *);

/* So little is left that writing is about to fail; as doctor(1) warns. */
bool bwi_store_files_scarce(const struct bwi_store_files *);

#endif
