-- Copy a job to history with its end. The hot row is deleted in the same transaction.
INSERT INTO tidemill.done (
    seq, id, task, queue, tenant, state, rank, ready_at, created_at, fence, worker, attempt,
    max_attempts, crashes, started_at, finished_at, expires_at, timeout, ending, reason,
    unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source, headers,
    policy, error, progress, checkpoint, args, result
)
SELECT
    seq, id, task, queue, tenant, $2, rank, ready_at, created_at, fence, worker, attempt,
    max_attempts, crashes + $3, started_at, $4, expires_at, timeout, $5, $6,
    unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source, headers,
    policy, CASE $2 WHEN 'completed' THEN NULL ELSE coalesce($7, error) END,
    progress, checkpoint, args, $8::bytea
FROM tidemill.job WHERE seq = $1
