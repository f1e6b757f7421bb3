/* Whether a standby confirms what is written. */
#include "store/postgresql.h"

bool
bwi_pg_lacks_standby(struct bw_store *base, int64_t deadline)
{
	struct bwi_pg *s = bwi_pg_of(base);
	struct bw_error e = {0};
	PGresult *r = NULL;
	bool lacks = false;
	enum bw_err err = bwi_pg_begin(s, false, deadline, &e);

	if (err != BW_OK)
		return false;
	err = bwi_pg_conn_query(
	    &s->shared, "SELECT " BWI_PG_NO_STANDBY, deadline, &r, &e);
	if (err == BW_OK && PQntuples(r) == 1)
		lacks = bwi_pg_bool(r, 0, 0);
	PQclear(r);
	return bwi_pg_end(s, false, err, &e) == BW_OK && lacks;
}
