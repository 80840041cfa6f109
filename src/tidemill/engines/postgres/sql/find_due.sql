-- Scheduled and retrying jobs whose time has come, the longest overdue first.
SELECT seq, queue, expires_at FROM tidemill.job
WHERE state IN ('scheduled', 'retrying') AND ready_at <= $1
ORDER BY ready_at, seq LIMIT $2
FOR UPDATE SKIP LOCKED
