-- An empty store with tables of version 2.
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1113023330;
PRAGMA user_version = 2;
CREATE TABLE event (seq INTEGER PRIMARY KEY, received INTEGER NOT NULL, batch
  INTEGER NOT NULL, idx INTEGER NOT NULL, deliveries INTEGER NOT NULL DEFAULT
  1, last INTEGER NOT NULL, claim INTEGER NOT NULL, section TEXT NOT NULL,
  method TEXT NOT NULL, content_type TEXT, family TEXT NOT NULL, type TEXT NOT
  NULL, key TEXT, mark INTEGER, user TEXT, request TEXT, body BLOB NOT NULL,
  call_id TEXT, message_id TEXT, from_number TEXT, to_number TEXT, thread TEXT,
  query TEXT) STRICT;
CREATE INDEX event_call ON event (call_id, mark) WHERE call_id IS NOT NULL;
CREATE INDEX event_message ON event (message_id, mark) WHERE message_id IS NOT
  NULL;
CREATE INDEX event_mark ON event (mark) WHERE mark IS NOT NULL AND call_id IS
  NULL AND message_id IS NULL;
CREATE INDEX event_family ON event (family);
CREATE INDEX event_type ON event (type);
CREATE INDEX event_received ON event (received);
CREATE INDEX event_from ON event (from_number) WHERE from_number IS NOT NULL;
CREATE INDEX event_to ON event (to_number) WHERE to_number IS NOT NULL;
CREATE TABLE answer (seq INTEGER PRIMARY KEY, status INTEGER NOT NULL, fallback
  INTEGER NOT NULL, answered INTEGER NOT NULL, duration INTEGER NOT NULL,
  content_type TEXT, body BLOB) STRICT;
CREATE TABLE counter (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT
  NULL) STRICT;
CREATE TABLE consumer (name TEXT PRIMARY KEY, position INTEGER NOT NULL, token
  INTEGER NOT NULL DEFAULT 0, family TEXT, type TEXT, call_id TEXT, message_id
  TEXT, number TEXT, since INTEGER NOT NULL, until INTEGER NOT NULL, created
  INTEGER NOT NULL, seen INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE work (consumer TEXT NOT NULL, seq INTEGER NOT NULL, thread TEXT,
  token INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, since
  INTEGER NOT NULL DEFAULT 0, until INTEGER NOT NULL DEFAULT 0, dead INTEGER
  NOT NULL DEFAULT 0, why TEXT, PRIMARY KEY (consumer, seq)) STRICT, WITHOUT
  ROWID;
CREATE INDEX work_thread ON work (consumer, thread, seq) WHERE dead = 0;
