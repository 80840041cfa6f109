-- Forget unique windows that have passed, the oldest first.
DELETE FROM unique_window WHERE key IN (
    SELECT key FROM unique_window WHERE until <= ? ORDER BY until LIMIT ?
)
