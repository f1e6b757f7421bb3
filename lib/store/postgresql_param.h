#ifndef BWI_STORE_POSTGRESQL_PARAM_H
#define BWI_STORE_POSTGRESQL_PARAM_H

#include <stdint.h>

#include <libpq-fe.h>

#include <bwcallback/buf.h>
#include <bwcallback/str.h>

/* The most parameters of a statement. */
#define BWI_PG_MAX_PARAMS 32

/* Types, from PostgreSQL's catalog/pg_type.dat; they never change. */
enum {
	BWI_PG_BOOL = 16,
	BWI_PG_BYTEA = 17,
	BWI_PG_INT8 = 20,
	BWI_PG_INT4 = 23,
	BWI_PG_UUID = 2950
};

/*
 * The parameters of one statement, in the binary format: so no text is ever
 * part of a statement, and nothing is escaped.
 */
struct bwi_pg_params {
	struct bw_buf data;
	int n;
	size_t at[BWI_PG_MAX_PARAMS];  /* where each begins in data */
	int length[BWI_PG_MAX_PARAMS]; /* -1: NULL */
	size_t array; /* where the array that is being written begins */
};

void bwi_pg_params_init(struct bwi_pg_params *);
void bwi_pg_params_reset(struct bwi_pg_params *);
void bwi_pg_params_free(struct bwi_pg_params *);

void bwi_pg_put_int8(struct bwi_pg_params *, int64_t);
void bwi_pg_put_int4(struct bwi_pg_params *, int32_t);
void bwi_pg_put_bool(struct bwi_pg_params *, bool);
/* A bytea; NULL if the text is absent. */
void bwi_pg_put_bytes(struct bwi_pg_params *, struct bw_str);
void bwi_pg_put_uuid(struct bwi_pg_params *, const unsigned char[16]);

/* An array of n elements: begin, each element, end. */
void bwi_pg_array_begin(struct bwi_pg_params *, uint32_t type, size_t n);
void bwi_pg_element_int8(struct bwi_pg_params *, int64_t);
void bwi_pg_element_int4(struct bwi_pg_params *, int32_t);
void bwi_pg_element_bool(struct bwi_pg_params *, bool);
void bwi_pg_element_bytes(struct bwi_pg_params *, struct bw_str);
void bwi_pg_element_uuid(struct bwi_pg_params *, const unsigned char[16]);
void bwi_pg_element_null(struct bwi_pg_params *);
void bwi_pg_array_end(struct bwi_pg_params *);

/* What libpq takes; values is filled. */
void bwi_pg_params_values(const struct bwi_pg_params *,
    const char *values[BWI_PG_MAX_PARAMS], int formats[BWI_PG_MAX_PARAMS]);

/* Columns of a row in the binary format. NULL: 0, false or absent. */
int64_t bwi_pg_int8(const PGresult *, int row, int column);
int32_t bwi_pg_int4(const PGresult *, int row, int column);
bool bwi_pg_bool(const PGresult *, int row, int column);
struct bw_str bwi_pg_bytes(const PGresult *, int row, int column);

#endif
