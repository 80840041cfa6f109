-- Add a line to the chained log.
INSERT INTO entry (log, at, topic, tenant, source, data, digest)
VALUES ('audit', ?, ?, ?, ?, ?, ?)
