/* Parameters and columns in PostgreSQL's binary format. */
#include "store/postgresql_param.h"

#include <limits.h>
#include <string.h>

/* PostgreSQL takes messages of up to a gigabyte. */
#define MAX_DATA ((size_t)1000 * 1000 * 1000)

void
bwi_pg_params_init(struct bwi_pg_params *p)
{
	p->n = 0;
	p->array = 0;
	bw_buf_init(&p->data, MAX_DATA);
}

void
bwi_pg_params_reset(struct bwi_pg_params *p)
{
	p->n = 0;
	bw_buf_reset(&p->data);
}

void
bwi_pg_params_free(struct bwi_pg_params *p)
{
	bw_buf_free(&p->data);
}

static void
put_32(struct bwi_pg_params *p, uint32_t v)
{
	const char bytes[] = {(char)(v >> 24), (char)(v >> 16 & 255),
	    (char)(v >> 8 & 255), (char)(v & 255)};

	bw_buf_add(&p->data, bytes, sizeof(bytes));
}

static void
put_64(struct bwi_pg_params *p, uint64_t v)
{
	put_32(p, (uint32_t)(v >> 32));
	put_32(p, (uint32_t)(v & UINT32_MAX));
}

static void
begin(struct bwi_pg_params *p)
{
	if (p->n >= BWI_PG_MAX_PARAMS)
		p->data.err = BW_ERR_LIMIT;
	else
		p->at[p->n++] = p->data.n;
}

static void
end(struct bwi_pg_params *p)
{
	if (p->data.err == BW_OK)
		p->length[p->n - 1] = (int)(p->data.n - p->at[p->n - 1]);
}

void
bwi_pg_put_int8(struct bwi_pg_params *p, int64_t v)
{
	begin(p);
	put_64(p, (uint64_t)v);
	end(p);
}

void
bwi_pg_put_int4(struct bwi_pg_params *p, int32_t v)
{
	begin(p);
	put_32(p, (uint32_t)v);
	end(p);
}

void
bwi_pg_put_bool(struct bwi_pg_params *p, bool v)
{
	begin(p);
	bw_buf_putc(&p->data, (char)v);
	end(p);
}

void
bwi_pg_put_bytes(struct bwi_pg_params *p, struct bw_str s)
{
	begin(p);
	if (s.n > 0)
		bw_buf_str(&p->data, s);
	end(p);
	if (s.p == NULL && p->data.err == BW_OK)
		p->length[p->n - 1] = -1;
}

void
bwi_pg_put_uuid(struct bwi_pg_params *p, const unsigned char id[16])
{
	begin(p);
	bw_buf_add(&p->data, (const char *)id, 16);
	end(p);
}

/* Dimensions, whether there may be NULLs, the type, size and first index. */
void
bwi_pg_array_begin(struct bwi_pg_params *p, uint32_t type, size_t n)
{
	begin(p);
	put_32(p, n > 0);
	put_32(p, 1);
	put_32(p, type);
	if (n > 0) {
		put_32(p, (uint32_t)n);
		put_32(p, 1);
	}
}

void
bwi_pg_array_end(struct bwi_pg_params *p)
{
	end(p);
}

void
bwi_pg_element_int8(struct bwi_pg_params *p, int64_t v)
{
	put_32(p, 8);
	put_64(p, (uint64_t)v);
}

void
bwi_pg_element_int4(struct bwi_pg_params *p, int32_t v)
{
	put_32(p, 4);
	put_32(p, (uint32_t)v);
}

void
bwi_pg_element_bool(struct bwi_pg_params *p, bool v)
{
	put_32(p, 1);
	bw_buf_putc(&p->data, (char)v);
}

void
bwi_pg_element_bytes(struct bwi_pg_params *p, struct bw_str s)
{
	if (s.p == NULL) {
		bwi_pg_element_null(p);
		return;
	}
	put_32(p, (uint32_t)s.n);
	if (s.n > 0)
		bw_buf_str(&p->data, s);
}

void
bwi_pg_element_uuid(struct bwi_pg_params *p, const unsigned char id[16])
{
	put_32(p, 16);
	bw_buf_add(&p->data, (const char *)id, 16);
}

void
bwi_pg_element_null(struct bwi_pg_params *p)
{
	put_32(p, UINT32_MAX);
}

void
bwi_pg_params_values(const struct bwi_pg_params *p,
    const char *values[BWI_PG_MAX_PARAMS], int formats[BWI_PG_MAX_PARAMS])
{
	for (int i = 0; i < p->n; i++) {
		const char *at = p->data.p != NULL ? p->data.p + p->at[i] : "";

		values[i] = p->length[i] >= 0 ? at : NULL;
		formats[i] = 1;
	}
}

static uint64_t
get(const PGresult *r, int row, int column, int bytes)
{
	const unsigned char *p =
	    (const unsigned char *)PQgetvalue(r, row, column);
	uint64_t v = 0;

	if (PQgetisnull(r, row, column) || PQgetlength(r, row, column) != bytes)
		return 0;
	for (int i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

int64_t
bwi_pg_int8(const PGresult *r, int row, int column)
{
	return (int64_t)get(r, row, column, 8);
}

int32_t
bwi_pg_int4(const PGresult *r, int row, int column)
{
	return (int32_t)get(r, row, column, 4);
}

bool
bwi_pg_bool(const PGresult *r, int row, int column)
{
	return get(r, row, column, 1) != 0;
}

struct bw_str
bwi_pg_bytes(const PGresult *r, int row, int column)
{
	if (PQgetisnull(r, row, column))
		return (struct bw_str){NULL, 0};
	return (struct bw_str){
	    PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column)};
}
