-- Write a document.
INSERT INTO tidemill.record (kind, key, version, doc) VALUES ($1, $2, $3, $4)
ON CONFLICT (kind, key) DO UPDATE SET version = excluded.version, doc = excluded.doc
