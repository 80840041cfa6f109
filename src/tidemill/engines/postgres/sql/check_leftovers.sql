-- How many rows of the hot table live and are dead, how many milliseconds ago they were last cleaned
-- up, whether that is off for this table, and how many sessions this user may not look into.
SELECT n_live_tup, n_dead_tup,
    (extract(epoch FROM clock_timestamp() - greatest(last_vacuum, last_autovacuum)) * 1000)::bigint,
    coalesce(array_to_string(reloptions, ',') ~ 'autovacuum_enabled=(false|off|0|no)', FALSE),
    (
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query = '<insufficient privilege>'
    )
FROM pg_stat_all_tables JOIN pg_class ON pg_class.oid = relid
WHERE schemaname = $1 AND pg_class.relname = 'job'
