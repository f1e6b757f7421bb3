#ifndef BWI_STORE_SQLITE_PACKED_H
#define BWI_STORE_SQLITE_PACKED_H

/*
 * The tables of a compacted segment, besides those that all have. What does not
 * change is in groups of rows. What may change, and what is searched without a
 * look-up of terms, stays in rows. An answer that came late has its texts in
 * its row. The columns of a group are counted from 0.
 */
#define UNPACK(i)	BWI_SQL_UNPACK "(seq, " #i ")"
#define PACKED(i, name) ", " UNPACK(i) " AS " name
#define PACKED_TEXTS \
	PACKED(0, "call_id") \
	PACKED(1, "message_id") \
	PACKED(2, "from_number") \
	PACKED(3, "to_number") \
	PACKED(4, "key") \
	PACKED(5, "thread") \
	PACKED(6, "request") \
	PACKED(7, "query") \
	PACKED(8, "body")

/* The columns of an entry that are rows in either kind of segment. */
#define ENTRY_ROW \
	" seq INTEGER PRIMARY KEY," \
	" received INTEGER NOT NULL," \
	" form INTEGER NOT NULL," \
	" claim INTEGER NOT NULL," \
	" deliveries INTEGER NOT NULL," \
	" last INTEGER," \
	" batch INTEGER NOT NULL," \
	" idx INTEGER NOT NULL"

#define PACKED_ENTRY \
	"CREATE TABLE pack (" \
	" first INTEGER PRIMARY KEY," \
	" rows BLOB NOT NULL) STRICT;" \
	"CREATE TABLE entry_slim (" ENTRY_ROW ") STRICT;" \
	"CREATE VIEW entry AS SELECT seq, received, form, claim, deliveries," \
	" last, batch, idx" PACKED_TEXTS " FROM entry_slim;"

#define LATE_OR(text, i) ", iif(late, " text ", " UNPACK(i) ") AS " text
#define PACKED_ANSWER \
	"CREATE TABLE answer_slim (" \
	" seq INTEGER PRIMARY KEY," \
	" status INTEGER NOT NULL," \
	" fallback INTEGER NOT NULL," \
	" answered INTEGER NOT NULL," \
	" duration INTEGER NOT NULL," \
	" failed INTEGER NOT NULL," \
	" late INTEGER NOT NULL," \
	" content_type TEXT," \
	" body BLOB," \
	" trace TEXT) STRICT;" \
	"CREATE INDEX answer_wrong ON answer_slim (seq) WHERE " BWI_SQL_WRONG \
	";" \
	"CREATE VIEW answer AS SELECT seq, status, fallback, answered," \
	" duration" LATE_OR("content_type", 9) LATE_OR( \
	    "body", 10) ", failed" LATE_OR("trace", 11) " FROM answer_slim;"

#endif
