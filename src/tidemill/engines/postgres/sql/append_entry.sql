-- Add a line to a log. Until the transaction ends, readers stop before the position it began at:
-- positions are drawn before they are committed, and no reader must pass one that is still to come.
-- The lock comes before the position, which is drawn for each row of the join.
WITH begun AS MATERIALIZED (
    SELECT pg_advisory_xact_lock_shared(
        'tidemill.entry'::regclass::oid::int,
        ((last_value - (NOT is_called)::int) % 2147483648)::int
    )
    FROM tidemill.entry_position_seq
)
INSERT INTO tidemill.entry (log, at, topic, tenant, source, data)
SELECT $1, $2, $3, $4, $5, $6 FROM begun
