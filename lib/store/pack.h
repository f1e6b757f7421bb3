#ifndef BWI_STORE_PACK_H
#define BWI_STORE_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/buf.h>

/*
 * A group of rows, with the columns one after the other, compressed. Texts of
 * one column resemble each other, which makes a group much smaller than its
 * rows. The format is described in bwcallback-store(5).
 */
#define BWI_PACK_COLUMNS 12
#define BWI_PACK_ROWS	 64

/* A group is ended early at this size, so that one row is read soon. */
#define BWI_PACK_BYTES ((size_t)256 * 1024)

enum bwi_pack_type {
	BWI_PACK_NULL,
	BWI_PACK_INTEGER,
	BWI_PACK_TEXT,
	BWI_PACK_BLOB
};

struct bwi_pack_value {
	enum bwi_pack_type type;
	int64_t integer;
	struct bw_str s; /* of a text or a blob */
};

/* A group while rows are added. */
struct bwi_pack {
	uint64_t seqs[BWI_PACK_ROWS];
	size_t n;
	struct bw_buf tags[BWI_PACK_COLUMNS];
	struct bw_buf data[BWI_PACK_COLUMNS];
	struct bw_buf raw;
	struct bw_buf out; /* compressed */
	void *zstd;
};

/* A group that was read. */
struct bwi_unpacked {
	uint64_t seqs[BWI_PACK_ROWS];
	size_t n; /* 0: none */
	struct bwi_pack_value values[BWI_PACK_COLUMNS][BWI_PACK_ROWS];
	char *raw;
	void *zstd;
};

/* Was the program built with the library that compresses? */
bool bwi_pack_available(void);

void bwi_pack_init(struct bwi_pack *);
/* Add a row; its number is larger than the ones before. */
void bwi_pack_add(struct bwi_pack *, uint64_t seq,
    const struct bwi_pack_value values[BWI_PACK_COLUMNS]);
bool bwi_pack_is_full(const struct bwi_pack *);
/*
 * Compress the rows; the result is in "out", the size before in "raw". Any
 * failure since the last reset is returned.
 */
enum bw_err bwi_pack_compress(struct bwi_pack *) BW_CHECK;
/* The same of what is in "raw". */
enum bw_err bwi_pack_compress_raw(struct bwi_pack *) BW_CHECK;
/* Begin a new group. */
void bwi_pack_reset(struct bwi_pack *);
void bwi_pack_free(struct bwi_pack *);

/*
 * Read a group, whatever its bytes are. BW_ERR_CORRUPT: it is damaged. After an
 * error it is empty.
 */
enum bw_err
bwi_unpack(struct bwi_unpacked *, const void *group, size_t size) BW_CHECK;
/* A row of the group; n: it is not there. */
size_t bwi_unpacked_find(const struct bwi_unpacked *, uint64_t seq);
void bwi_unpacked_free(struct bwi_unpacked *);

#endif
