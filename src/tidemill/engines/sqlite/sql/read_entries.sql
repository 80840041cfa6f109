-- Lines of a log behind a position, oldest first.
SELECT position, at, topic, tenant, source, data FROM entry
WHERE log = ? AND position > ? ORDER BY position LIMIT ?
