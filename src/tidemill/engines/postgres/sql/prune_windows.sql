-- Forget unique windows that have passed, the oldest first; one that is just being taken anew is not.
DELETE FROM tidemill.unique_window WHERE key IN (
    SELECT key FROM tidemill.unique_window WHERE until <= $1 ORDER BY until LIMIT $2
    FOR UPDATE SKIP LOCKED
)
