-- Jobs that have not started and no longer may.
SELECT seq FROM job INDEXED BY job_expiry
WHERE expires_at IS NOT NULL AND state <> 'running' AND expires_at <= ?
ORDER BY expires_at LIMIT ?
