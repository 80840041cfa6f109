-- Forget unique windows that have passed, the oldest first.
DELETE FROM tidemill.unique_window WHERE key IN (
    SELECT key FROM tidemill.unique_window WHERE until <= $1 ORDER BY until LIMIT $2
)
