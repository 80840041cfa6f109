-- Lines of a log behind a position and up to another, oldest first.
SELECT position, at, topic, tenant, source, data FROM tidemill.entry
WHERE log = $1 AND position > $2 AND position <= $4 ORDER BY position LIMIT $3
