-- The newest lines of a log between two positions, newest first; `of_tenant` may say whose.
SELECT position, at, topic, tenant, source, data, coalesce(digest, x'') FROM entry
WHERE log = ? AND position > ? AND position < ? {of_tenant} ORDER BY position DESC LIMIT ?
