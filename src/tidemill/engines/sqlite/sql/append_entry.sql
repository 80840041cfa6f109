-- Add a line to a log.
INSERT INTO entry (log, at, topic, tenant, source, data) VALUES (?, ?, ?, ?, ?, ?)
