-- Add a line to a log.
INSERT INTO tidemill.entry (log, at, topic, tenant, source, data) VALUES ($1, $2, $3, $4, $5, $6)
