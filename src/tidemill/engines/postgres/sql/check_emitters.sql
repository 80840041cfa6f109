-- Open transactions of which one has written the first line that is still to come, for they began
-- at this position; what this user may not see of them is null.
SELECT activity.pid, usename::text, application_name, state
FROM pg_locks JOIN pg_stat_activity AS activity ON activity.pid = pg_locks.pid
WHERE locktype = 'advisory' AND objsubid = 2
    AND classid = 'tidemill.entry'::regclass::oid AND objid = ($1::bigint % 2147483648)::oid
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY xact_start
