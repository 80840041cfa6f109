-- The last position up to which no line is still to come; what is committed is seen by statements
-- after this one. A lock tells the position at which its holder began, but for its higher bits: it
-- is taken to lie less than 2^30 before or behind `last`, which no transaction outlasts.
-- The locks are looked at after `last` was read, on which their expression depends, and each is
-- taken before its holder draws a position. So who draws one up to `last` has the lock by then, and
-- is among them or has committed; it began before `last`. Whoever began behind `last` draws later
-- positions, and holds nobody up.
SELECT least(last, (
    SELECT min(CASE WHEN before < 1073741824 THEN last - before END)
    FROM pg_locks
    CROSS JOIN LATERAL (
        SELECT (last - objid::bigint + 2147483648) % 2147483648 AS before
    ) AS began
    WHERE locktype = 'advisory' AND objsubid = 2
        AND classid = 'tidemill.entry'::regclass::oid
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
))
FROM (SELECT last_value - (NOT is_called)::int AS last FROM tidemill.entry_position_seq) AS drawn
