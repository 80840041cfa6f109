-- Give a job that has not started the arguments and options of its duplicate.
UPDATE job
SET args = ?, rank = ?, tags = ?, timeout = ?, policy = ?, max_attempts = ?, expires_at = ?
WHERE seq = ?
