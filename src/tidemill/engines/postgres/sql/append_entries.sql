-- Add lines to logs, in order; answers the position of the last one. Until the transaction ends,
-- readers stop before the position it began at: positions are drawn before they are committed, and
-- no reader must pass one that is still to come. The lock comes before the positions, which are
-- drawn for the rows of the join, once these are sorted. It is one lock for all of the lines, for
-- the server has room for a few thousand.
WITH begun AS MATERIALIZED (
    SELECT pg_advisory_xact_lock_shared(
        'tidemill.entry'::regclass::oid::int,
        ((last_value - (NOT is_called)::int) % 2147483648)::int
    )
    FROM tidemill.entry_position_seq
),
added AS (
    INSERT INTO tidemill.entry (log, at, topic, tenant, source, data)
    SELECT log, at, topic, tenant, source, data
    FROM begun CROSS JOIN unnest(
        $1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bytea[]
    ) WITH ORDINALITY AS line (log, at, topic, tenant, source, data, place)
    ORDER BY place
    RETURNING position
)
SELECT max(position) FROM added
