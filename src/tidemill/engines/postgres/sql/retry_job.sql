-- Bring a finished job back with all its attempts before it; its fence is kept, for it only grows.
INSERT INTO tidemill.job (
    seq, id, task, queue, tenant, state, rank, ready_at, created_at, fence, max_attempts,
    expires_at, timeout, unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch,
    tags, source, headers, policy, error, progress, checkpoint, args
)
SELECT
    seq, id, task, queue, tenant, 'waiting', rank, $2, created_at, fence, max_attempts,
    NULL, timeout, unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch,
    tags, source, headers, policy, error, progress, checkpoint, args
FROM tidemill.done WHERE seq = $1
ON CONFLICT DO NOTHING
