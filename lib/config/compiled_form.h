#ifndef BWI_CONFIG_COMPILED_FORM_H
#define BWI_CONFIG_COMPILED_FORM_H

#include <stdint.h>
#include <sys/stat.h>

#include <bwcallback/limits.h>
#include <bwcallback/str.h>

/*
 * The format of a compiled form. Numbers are in the machine's own format; a
 * string is its length in four bytes, its bytes and a NUL.
 *
 *	magic, total size, checksum of what follows
 *	string: the version of the program and of the schema
 *	number of files; for each: its name and bwi_compiled_identity
 *	the root, an element
 *
 * An element: BWI_COMPILED_ELEMENT, size of all after that, line, number of its
 * file, name, number of attributes, for each its prefix ("" or "xml"), name and
 * value, then elements and texts up to the size. A text: BWI_COMPILED_TEXT,
 * line, string. The text of <table> and <calendar> is that of their file.
 */
#define BWI_COMPILED_MAGIC "BWconf\2"

/* A compiled form is at most a few times larger than its configuration. */
#define BWI_COMPILED_MAX (4 * BW_MAX_CONFIG)

/* libxml2's own limit of depth. */
#define BWI_COMPILED_DEPTH 256

enum {
	BWI_COMPILED_ELEMENT = 1,
	BWI_COMPILED_TEXT = 2
};

struct bwi_compiled_head {
	char magic[8];
	uint64_t size; /* total, with this header */
	uint64_t sum;
};

/* Identifies the version of a file that was read. */
struct bwi_compiled_identity {
	int64_t device, inode, size, modified[2], changed[2];
};

/* VERSION and a checksum of the schema: a new schema may reject more. */
struct bw_str bwi_compiled_version(void);
struct bwi_compiled_identity bwi_compiled_identity(const struct stat *);
/* Detects damage by the disk or by a full disk, not deliberate changes. */
uint64_t bwi_compiled_sum(const char *p, size_t n);
/* Length of a path up to and including its last slash. */
size_t bwi_compiled_folder(const char *path);

#endif
