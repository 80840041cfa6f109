-- Jobs that have not started and no longer may.
SELECT seq FROM tidemill.job
WHERE expires_at IS NOT NULL AND state <> 'running' AND expires_at <= $1
ORDER BY expires_at LIMIT $2
FOR UPDATE SKIP LOCKED
