-- Give a job that has not started the arguments and options of its duplicate.
UPDATE tidemill.job
SET args = $1, rank = $2, tags = $3, timeout = $4, policy = $5, max_attempts = $6, expires_at = $7
WHERE seq = $8
