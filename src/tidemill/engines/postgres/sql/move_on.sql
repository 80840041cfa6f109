-- A running job will run again: at once, or at a time.
UPDATE tidemill.job
SET state = $2, ready_at = $3, attempt = attempt - $4, crashes = crashes + $5,
    error = coalesce($6, error), worker = NULL, started_at = NULL, cancel_reason = NULL
WHERE seq = $1
