-- Put scheduled and retrying jobs whose time has come into their lines, the longest overdue first.
-- One statement that passes over what others have locked, so it stands alone.
UPDATE tidemill.job SET state = 'waiting'
WHERE seq = ANY (ARRAY(
    SELECT seq FROM tidemill.job
    WHERE state IN ('scheduled', 'retrying') AND ready_at <= coalesce(
        $1::bigint, (extract(epoch FROM statement_timestamp()) * 1000)::bigint
    )
    ORDER BY ready_at, seq LIMIT $2
    FOR UPDATE SKIP LOCKED
))
