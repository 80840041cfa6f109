-- Open transactions in which lines of logs were written, the one that began first in front; what
-- this user may not see of them is null.
SELECT activity.pid, usename::text, application_name, state
FROM pg_locks JOIN pg_stat_activity AS activity ON activity.pid = pg_locks.pid
WHERE locktype = 'advisory' AND objsubid = 2
    AND classid = 'tidemill.entry'::regclass::oid
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY objid::bigint
