-- The newest lines of a log behind a position, newest first.
SELECT position, at, topic, tenant, source, data FROM entry
WHERE log = ? AND position > ? ORDER BY position DESC LIMIT ?
