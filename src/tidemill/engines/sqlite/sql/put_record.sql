-- Write a document.
INSERT INTO record (kind, key, version, doc) VALUES (?, ?, ?, ?)
ON CONFLICT (kind, key) DO UPDATE SET version = excluded.version, doc = excluded.doc
