-- The newest lines of a log behind a position and before two others, newest first; `of_tenant` may
-- say whose.
SELECT position, at, topic, tenant, source, data, coalesce(digest, '') FROM tidemill.entry
WHERE log = ? AND position > ? AND position < ? AND position <= ? {of_tenant}
ORDER BY position DESC LIMIT ?
