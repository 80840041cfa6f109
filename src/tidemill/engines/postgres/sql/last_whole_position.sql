-- The last position up to which no line is still to come; what is committed is seen by statements
-- after this one. A lock tells the position at which its holder began, but for its higher bits.
-- The locks are looked at after the position, on which their expression depends: whoever is not
-- among them has committed, or draws later positions.
SELECT least(last, (
    SELECT min(last - (last - objid::bigint + 2147483648) % 2147483648)
    FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2
        AND classid = 'tidemill.entry'::regclass::oid
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
))
FROM (SELECT last_value - (NOT is_called)::int AS last FROM tidemill.entry_position_seq) AS drawn
