-- Transactions of this database that have been open for so many milliseconds, the oldest first, as
-- far as this user may see them: whose, doing what, for how long, for how long it has rested, if it
-- does, whether what is deleted meanwhile has to be kept for it, and whether it has changed our
-- tables.
SELECT pid, usename::text, application_name, state,
    (extract(epoch FROM clock_timestamp() - xact_start) * 1000)::bigint,
    CASE WHEN state LIKE 'idle in transaction%' THEN
        (extract(epoch FROM clock_timestamp() - state_change) * 1000)::bigint
    END,
    backend_xmin IS NOT NULL OR backend_xid IS NOT NULL,
    EXISTS (
        SELECT FROM pg_locks JOIN pg_class ON pg_class.oid = relation
        WHERE pg_locks.pid = activity.pid AND relnamespace = to_regnamespace($1)::oid
            AND mode <> 'AccessShareLock'
    )
FROM pg_stat_activity AS activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND xact_start < clock_timestamp() - $2::bigint * interval '1 millisecond'
ORDER BY xact_start
