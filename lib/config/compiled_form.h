#ifndef BWI_CONFIG_COMPILED_FORM_H
#define BWI_CONFIG_COMPILED_FORM_H

#include <stdint.h>
#include <sys/stat.h>

#include <bwcallback/limits.h>
#include <bwcallback/str.h>

/*
 * How the bytes of a compiled form are laid out. Numbers are the machine's;
 * a string is its length in four bytes, its bytes and a NUL.
 *
 *	magic, total size, checksum of what follows
 *	string: the version of the program and of the schema
 *	number of files; for each: its name, what bwi_compiled_identity says
 *	the root, an element
 *
 * An element: BWI_COMPILED_ELEMENT, size of all after that, line, file by
 * number, name, number of attributes, each prefix ("" or "xml"), name and
 * value, then elements and texts up to the size. A text: BWI_COMPILED_TEXT,
 * line, string.
 */
#define BWI_COMPILED_MAGIC "BWconf\1"

/* Nothing compiled is larger than a few times the largest configuration. */
#define BWI_COMPILED_MAX (4 * BW_MAX_CONFIG)

/* As deep as libxml2 reads. */
#define BWI_COMPILED_DEPTH 256

enum {
	BWI_COMPILED_ELEMENT = 1,
	BWI_COMPILED_TEXT = 2
};

struct bwi_compiled_head {
	char magic[8];
	uint64_t size; /* of all, this included */
	uint64_t sum;
};

/* What tells whether a file is still the one that was read. */
struct bwi_compiled_identity {
	int64_t device, inode, size, modified[2], changed[2];
};

/* VERSION, and what the schema was: one that has changed may refuse more. */
struct bw_str bwi_compiled_version(void);
struct bwi_compiled_identity bwi_compiled_identity(const struct stat *);
/* Finds what a disk or a full one does to a file, not what a person does. */
uint64_t bwi_compiled_sum(const char *p, size_t n);
/* Bytes of a path up to its last slash. */
size_t bwi_compiled_folder(const char *path);

#endif
