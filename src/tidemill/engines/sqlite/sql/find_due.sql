-- Scheduled and retrying jobs whose time has come, the longest overdue first.
SELECT seq, queue, expires_at FROM job INDEXED BY job_due
WHERE state IN ('scheduled', 'retrying') AND ready_at <= ?
ORDER BY ready_at, seq LIMIT ?
