/* The tables of the PostgreSQL store, and who may use them. */
#include <bwcallback/tools/store.h>

#include "store/postgresql.h"

/* Maximum size of all statements. */
#define MAX_SCHEMA ((size_t)1 << 16)

/*
 * Texts are bytea: a callback may contain any bytes, and the database may have
 * any encoding. The view shows them. Columns named *_h are hashes for indexes.
 *
 * Events and their answers are in segments, one for a day, which are partitions
 * and are dropped as a whole. The keys of re-deliveries are in a table of their
 * own, because they are looked up whatever the day.
 */
#define TABLES \
	"CREATE TABLE head (\n" \
	"  one boolean PRIMARY KEY DEFAULT true CHECK (one),\n" \
	"  version int NOT NULL,\n" \
	"  seq bigint NOT NULL,\n" \
	"  segment int NOT NULL,\n" \
	"  unparsed bigint NOT NULL,\n" \
	"  unparsed_bytes bigint NOT NULL,\n" \
	"  state int NOT NULL DEFAULT 0) WITH (fillfactor = 10);\n" \
	"CREATE TABLE segment (\n" \
	"  id int PRIMARY KEY,\n" \
	"  low bigint NOT NULL,\n" \
	"  high bigint NOT NULL,\n" \
	"  n bigint NOT NULL,\n" \
	"  bytes bigint NOT NULL,\n" \
	"  oldest bigint,\n" \
	"  newest bigint,\n" \
	"  opened bigint NOT NULL,\n" \
	"  closed bigint) WITH (fillfactor = 50);\n" \
	"CREATE INDEX segment_low ON segment (low);\n" \
	"CREATE TABLE writer (\n" \
	"  id uuid PRIMARY KEY,\n" \
	"  batch bigint NOT NULL,\n" \
	"  seen bigint NOT NULL) WITH (fillfactor = 50);\n" \
	"CREATE TABLE key (\n" \
	"  id uuid PRIMARY KEY,\n" \
	"  segment int NOT NULL,\n" \
	"  seq bigint NOT NULL);\n" \
	"CREATE INDEX key_segment ON key (segment);\n"

#define EVENTS \
	"CREATE TABLE event (\n" \
	"  segment int NOT NULL,\n" \
	"  seq bigint NOT NULL,\n" \
	"  received bigint NOT NULL,\n" \
	"  claim bigint NOT NULL,\n" \
	"  last bigint NOT NULL,\n" \
	"  size bigint NOT NULL,\n" \
	"  call_h bigint,\n" \
	"  message_h bigint,\n" \
	"  from_h bigint,\n" \
	"  to_h bigint,\n" \
	"  thread_h bigint,\n" \
	"  deliveries int NOT NULL,\n" \
	"  batch int NOT NULL,\n" \
	"  idx int NOT NULL,\n" \
	"  writer int NOT NULL DEFAULT 0,\n" \
	"  section bytea NOT NULL,\n" \
	"  method bytea NOT NULL,\n" \
	"  content_type bytea,\n" \
	"  family bytea NOT NULL,\n" \
	"  type bytea NOT NULL,\n" \
	"  key bytea,\n" \
	"  user_name bytea,\n" \
	"  request bytea,\n" \
	"  call_id bytea,\n" \
	"  message_id bytea,\n" \
	"  from_number bytea,\n" \
	"  to_number bytea,\n" \
	"  thread bytea,\n" \
	"  query bytea,\n" \
	"  body bytea NOT NULL,\n" \
	"  PRIMARY KEY (segment, seq)) PARTITION BY LIST (segment);\n" \
	"CREATE INDEX event_received ON event (received);\n" \
	"CREATE INDEX event_call ON event (call_h, seq)" \
	" WHERE call_h IS NOT NULL;\n" \
	"CREATE INDEX event_message ON event (message_h, seq)" \
	" WHERE message_h IS NOT NULL;\n" \
	"CREATE INDEX event_from ON event (from_h, seq)" \
	" WHERE from_h IS NOT NULL;\n" \
	"CREATE INDEX event_to ON event (to_h, seq)" \
	" WHERE to_h IS NOT NULL;\n" \
	"CREATE TABLE answer (\n" \
	"  segment int NOT NULL,\n" \
	"  seq bigint NOT NULL,\n" \
	"  answered bigint NOT NULL,\n" \
	"  duration bigint NOT NULL,\n" \
	"  status int NOT NULL,\n" \
	"  fallback boolean NOT NULL,\n" \
	"  failed boolean NOT NULL,\n" \
	"  content_type bytea,\n" \
	"  body bytea,\n" \
	"  trace bytea,\n" \
	"  PRIMARY KEY (segment, seq)) PARTITION BY LIST (segment);\n" \
	"CREATE INDEX answer_wrong ON answer (seq)" \
	" WHERE " BWI_PG_WRONG("") ";\n"

#define CONSUMERS \
	"CREATE TABLE consumer (\n" \
	"  name bytea PRIMARY KEY,\n" \
	"  position bigint NOT NULL,\n" \
	"  token bigint NOT NULL DEFAULT 0,\n" \
	"  family bytea,\n" \
	"  type bytea,\n" \
	"  call_id bytea,\n" \
	"  message_id bytea,\n" \
	"  number bytea,\n" \
	"  since bigint NOT NULL,\n" \
	"  until bigint NOT NULL,\n" \
	"  created bigint NOT NULL,\n" \
	"  seen bigint NOT NULL) WITH (fillfactor = 50);\n" \
	"CREATE TABLE work (\n" \
	"  consumer bytea NOT NULL,\n" \
	"  seq bigint NOT NULL,\n" \
	"  segment int NOT NULL,\n" \
	"  thread_h bigint,\n" \
	"  received bigint NOT NULL,\n" \
	"  token bigint NOT NULL DEFAULT 0,\n" \
	"  since bigint NOT NULL DEFAULT 0,\n" \
	"  until bigint NOT NULL DEFAULT 0,\n" \
	"  tries int NOT NULL DEFAULT 0,\n" \
	"  dead boolean NOT NULL DEFAULT false,\n" \
	"  why bytea,\n" \
	"  PRIMARY KEY (consumer, seq)) WITH (fillfactor = 70);\n" \
	"CREATE INDEX work_thread ON work (consumer, thread_h, seq)" \
	" WHERE NOT dead;\n" \
	"CREATE INDEX work_segment ON work (segment);\n"

#define CLOCK \
	"CREATE FUNCTION clock_ms() RETURNS bigint LANGUAGE sql VOLATILE AS\n" \
	"  'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint';\n"

/*
 * The responder does not own the tables, so that it could not drop them; these
 * functions make and drop segments with the rights of the owner.
 */
#define FUNCTIONS \
	"CREATE FUNCTION add_segment() RETURNS int LANGUAGE plpgsql AS $$\n" \
	"DECLARE\n" \
	"  h head%ROWTYPE;\n" \
	"  n int;\n" \
	"BEGIN\n" \
	"  SELECT * INTO h FROM head FOR UPDATE;\n" \
	"  n := h.segment + 1;\n" \
	"  EXECUTE format('CREATE TABLE event_%s (LIKE event INCLUDING ALL)'," \
	" n);\n" \
	"  EXECUTE format('CREATE TABLE answer_%s (LIKE answer INCLUDING " \
	"ALL)', n);\n" \
	"  EXECUTE format('ALTER TABLE event ATTACH PARTITION event_%s " \
	"FOR VALUES IN (%s)', n, n);\n" \
	"  EXECUTE format('ALTER TABLE answer ATTACH PARTITION answer_%s " \
	"FOR VALUES IN (%s)', n, n);\n" \
	"  UPDATE segment SET closed = clock_ms() WHERE id = h.segment;\n" \
	"  INSERT INTO segment (id, low, high, n, bytes, opened)\n" \
	"    VALUES (n, h.seq + 1, h.seq, 0, 0, clock_ms());\n" \
	"  UPDATE head SET segment = n;\n" \
	"  DELETE FROM writer WHERE seen < clock_ms() - 172800000;\n" \
	"  RETURN n;\n" \
	"END $$;\n" \
	"CREATE FUNCTION roll() RETURNS int LANGUAGE plpgsql SECURITY " \
	"DEFINER\n" \
	"  SET search_path = bwcallback, pg_catalog, pg_temp\n" \
	"  SET lock_timeout = '200ms' AS $$\n" \
	"DECLARE\n" \
	"  h head%ROWTYPE;\n" \
	"BEGIN\n" \
	"  SELECT * INTO h FROM head FOR UPDATE;\n" \
	"  PERFORM 1 FROM segment WHERE id = h.segment\n" \
	"    AND opened / 86400000 < clock_ms() / 86400000;\n" \
	"  IF NOT FOUND THEN\n" \
	"    RETURN h.segment;\n" \
	"  END IF;\n" \
	"  RETURN add_segment();\n" \
	"END $$;\n"

/*
 * The keys of a segment that is dropped are removed later, some at a time: that
 * takes long, and every writer waits meanwhile. They lead to no event any more.
 */
#define DROP \
	"CREATE OR REPLACE FUNCTION drop_segment(which int) RETURNS void\n" \
	"  LANGUAGE plpgsql SECURITY DEFINER\n" \
	"  SET search_path = bwcallback, pg_catalog, pg_temp\n" \
	"  SET lock_timeout = '2s' AS $$\n" \
	"BEGIN\n" \
	"  PERFORM 1 FROM head FOR UPDATE;\n" \
	"  PERFORM 1 FROM segment WHERE id = which AND closed IS NOT NULL;\n" \
	"  IF NOT FOUND THEN\n" \
	"    RAISE EXCEPTION 'segment % is in use', which;\n" \
	"  END IF;\n" \
	"  EXECUTE format('DROP TABLE event_%s, answer_%s', which, which);\n" \
	"  DELETE FROM segment WHERE id = which;\n" \
	"END $$;\n"

/* New segments while the store is filled from another one. */
#define FILL \
	"CREATE FUNCTION fill_segment() RETURNS int LANGUAGE plpgsql\n" \
	"  SECURITY DEFINER\n" \
	"  SET search_path = bwcallback, pg_catalog, pg_temp AS $$\n" \
	"BEGIN\n" \
	"  PERFORM 1 FROM head WHERE state = 3 FOR UPDATE;\n" \
	"  IF NOT FOUND THEN\n" \
	"    RAISE EXCEPTION 'the store is not being filled';\n" \
	"  END IF;\n" \
	"  RETURN add_segment();\n" \
	"END $$;\n" \
	"REVOKE ALL ON FUNCTION fill_segment() FROM PUBLIC;\n" \
	"GRANT EXECUTE ON FUNCTION fill_segment() TO bwcallback;\n"

#define VIEW \
	"CREATE VIEW event_text AS SELECT e.seq,\n" \
	"  to_timestamp(e.received / 1000.0) AS received,\n" \
	"  encode(e.section, 'escape') AS section,\n" \
	"  encode(e.family, 'escape') AS family,\n" \
	"  encode(e.type, 'escape') AS type,\n" \
	"  encode(e.call_id, 'escape') AS call_id,\n" \
	"  encode(e.message_id, 'escape') AS message_id,\n" \
	"  encode(e.from_number, 'escape') AS from_number,\n" \
	"  encode(e.to_number, 'escape') AS to_number,\n" \
	"  e.deliveries, a.status, encode(e.body, 'escape') AS body\n" \
	"  FROM event e LEFT JOIN answer a\n" \
	"  ON a.segment = e.segment AND a.seq = e.seq;\n"

/* Writers that have died: what they had claimed may be taken over. */
#define GONE \
	"CREATE TABLE gone (\n" \
	"  writer int PRIMARY KEY,\n" \
	"  at bigint NOT NULL);\n" \
	"GRANT SELECT, INSERT, UPDATE, DELETE ON gone TO bwcallback;\n" \
	"GRANT SELECT ON gone TO bwcallback_reader;\n"

/* One role for responders and consumers, one for reading only. */
#define ROLE(name) \
	"DO $$ BEGIN\n" \
	"  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = " \
	"'" name "') THEN\n" \
	"    CREATE ROLE " name " NOLOGIN;\n" \
	"  END IF;\n" \
	"END $$;\n"

#define GRANTS \
	"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA bwcallback FROM PUBLIC;\n" \
	"GRANT USAGE ON SCHEMA bwcallback TO bwcallback, bwcallback_reader;\n" \
	"GRANT SELECT ON ALL TABLES IN SCHEMA bwcallback" \
	" TO bwcallback, bwcallback_reader;\n" \
	"GRANT UPDATE ON head, segment TO bwcallback;\n" \
	"GRANT INSERT, UPDATE, DELETE ON writer, key, event, answer, " \
	"consumer," \
	" work TO bwcallback;\n" \
	"GRANT EXECUTE ON FUNCTION clock_ms() TO bwcallback," \
	" bwcallback_reader;\n" \
	"GRANT EXECUTE ON FUNCTION roll(), drop_segment(int) TO bwcallback;\n"

/* In one transaction. */
static const char *const schema[] = {
    "BEGIN;\n",
    ROLE("bwcallback"),
    ROLE("bwcallback_reader"),
    "CREATE SCHEMA bwcallback;\n"
    "SET LOCAL search_path = bwcallback, pg_catalog, pg_temp;\n",
    TABLES,
    EVENTS,
    CONSUMERS,
    CLOCK,
    FUNCTIONS,
    DROP,
    VIEW,
    "INSERT INTO head (version, seq, segment, unparsed, unparsed_bytes)\n"
    "  VALUES (3, 0, 0, 0, 0);\n"
    "SELECT add_segment();\n",
    GRANTS,
    FILL,
    GONE,
    "COMMIT;\n",
};

#define BEGIN_UPDATE \
	"BEGIN;\n" \
	"SET LOCAL search_path = bwcallback, pg_catalog, pg_temp;\n"

/* From a version to the next one, each in one transaction. */
static const char *const updates[] = {
    [1] = BEGIN_UPDATE
    "ALTER TABLE head ADD COLUMN state int NOT NULL DEFAULT 0;\n" FILL
    "UPDATE head SET version = 2;\n"
    "COMMIT;\n",
    [2] = BEGIN_UPDATE
    "ALTER TABLE event ADD COLUMN writer int NOT NULL DEFAULT 0;\n" GONE DROP
    "UPDATE head SET version = 3;\n"
    "COMMIT;\n",
};

static void
put_schema(struct bw_buf *b)
{
	for (size_t i = 0; i < sizeof(schema) / sizeof(schema[0]); i++)
		bw_buf_puts(b, schema[i]);
}

static enum bw_err
make_tables(struct bwi_pg_conn *c, struct bw_error *e)
{
	struct bw_buf sql;
	enum bw_err err;

	bw_buf_init(&sql, MAX_SCHEMA);
	put_schema(&sql);
	bw_buf_putc(&sql, '\0');
	err = sql.err != BW_OK
		  ? bw_error_set(e, sql.err, 0, "store: out of memory")
		  : bwi_pg_conn_script(c, sql.p, bwi_pg_soon(), e);
	bw_buf_free(&sql);
	return err;
}

static enum bw_err
get_version(struct bwi_pg_conn *c, int32_t *version, struct bw_error *e)
{
	PGresult *r = NULL;
	enum bw_err err = bwi_pg_conn_query(
	    c, "SELECT version FROM head", bwi_pg_soon(), &r, e);

	*version = err == BW_OK && PQntuples(r) == 1 ? bwi_pg_int4(r, 0, 0) : 0;
	PQclear(r);
	return err;
}

static enum bw_err
update_tables(struct bwi_pg_conn *c, struct bw_error *e)
{
	int32_t version;
	enum bw_err err = get_version(c, &version, e);

	for (; err == BW_OK && version > 0 && version < BWI_PG_VERSION;
	     version++)
		err = bwi_pg_conn_script(c, updates[version], bwi_pg_soon(), e);
	return err;
}

static enum bw_err
create(struct bwi_pg_conn *c, struct bw_error *e)
{
	enum bw_err err = bwi_pg_conn_open(c, bwi_pg_soon(), e);

	if (err == BW_ERR_NOFILE) {
		*e = (struct bw_error){0};
		c->bare = true;
		err = bwi_pg_conn_open(c, bwi_pg_soon(), e);
		if (err == BW_OK)
			err = make_tables(c, e);
	} else if (err == BW_ERR_CONFIG) {
		/* The connection is closed: the version is an older one. */
		*e = (struct bw_error){0};
		c->bare = true;
		err = bwi_pg_conn_open(c, bwi_pg_soon(), e);
		if (err == BW_OK)
			err = update_tables(c, e);
	}
	return err;
}

enum bw_err
bwi_pg_create(
    const char *where, const struct bw_reporter *r, struct bw_error *e)
{
	struct bwi_pg_conn c;
	struct bwi_pg_url url;
	enum bw_err err = bwi_pg_url_read(&url, where, e);

	(void)r;
	if (err != BW_OK)
		return err;
	bwi_pg_conn_init(&c, &url);
	err = create(&c, e);
	bwi_pg_conn_free(&c);
	bwi_pg_url_free(&url);
	return err;
}

enum bw_err
bwi_pg_sql(const char *where, struct bw_buf *b, struct bw_error *e)
{
	struct bwi_pg_url url;
	enum bw_err err = bwi_pg_url_read(&url, where, e);

	if (err != BW_OK)
		return err;
	bwi_pg_url_free(&url);
	put_schema(b);
	return b->err == BW_OK ? BW_OK
			       : bw_error_set(e, b->err, 0, "store: %s",
				     bw_strerror(b->err));
}

enum bw_err
bwi_pg_tables(
    const char *where, struct bw_store_tables *out, struct bw_error *e)
{
	struct bwi_pg_conn c;
	struct bwi_pg_url url;
	int32_t version;
	enum bw_err err = bwi_pg_url_read(&url, where, e);

	out->newest = BWI_PG_VERSION;
	if (err != BW_OK)
		return err;
	bwi_pg_conn_init(&c, &url);
	c.bare = true;
	err = bwi_pg_conn_open(&c, bwi_pg_soon(), e);
	if (err == BW_OK)
		err = get_version(&c, &version, e);
	if (err == BW_OK && version > 0)
		out->version = version;
	bwi_pg_conn_free(&c);
	bwi_pg_url_free(&url);
	return err;
}
