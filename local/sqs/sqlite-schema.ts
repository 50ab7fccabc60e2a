/**
 * Bodies have their own table, so that a receive does not write 1 MiB again. A message whose `visible_at` is in the
 * future is in flight if it has a receipt handle, and delayed if it has none.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    sequence INTEGER PRIMARY KEY, queue TEXT NOT NULL, message_id TEXT NOT NULL,
    sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL,
    receive_count INTEGER NOT NULL DEFAULT 0, first_received_at INTEGER, received_at INTEGER,
    receipt_handle TEXT UNIQUE, dead_letter_source TEXT
  );
  CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_at);
  CREATE INDEX IF NOT EXISTS messages_by_age ON messages (queue, sent_at);
  CREATE TABLE IF NOT EXISTS bodies (
    sequence INTEGER PRIMARY KEY REFERENCES messages (sequence) ON DELETE CASCADE,
    body TEXT NOT NULL, md5 TEXT NOT NULL, attributes TEXT NOT NULL
  );`;
