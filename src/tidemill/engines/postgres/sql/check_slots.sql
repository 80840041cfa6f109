-- Replication slots that keep more than so many bytes of log, or deleted rows for somebody who is
-- not there: whether it is in use, the bytes, and whether it keeps rows.
SELECT slot_name::text, active, coalesce(kept, 0)::bigint, xmin IS NOT NULL
FROM pg_replication_slots
CROSS JOIN LATERAL (
    SELECT pg_wal_lsn_diff(
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
        restart_lsn
    ) AS kept
) AS log
WHERE kept > $1::bigint OR (NOT active AND xmin IS NOT NULL)
ORDER BY slot_name
