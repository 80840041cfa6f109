-- Copy jobs that were brought back to history again, each with the end that it had. The hot rows are
-- deleted in the same transaction, which holds them still. The attempt that ended them has a row of
-- its own since they were brought back, so `ending` stays empty.
WITH ended (
    seq, state, ready_at, worker, attempt, crashes, started_at, finished_at, expires_at, reason
) AS (
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)
INSERT INTO done (
    seq, id, task, queue, tenant, state, rank, ready_at, created_at, fence, worker, attempt,
    max_attempts, crashes, started_at, finished_at, expires_at, timeout, reason,
    unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source, headers,
    policy, error, progress, checkpoint, args
)
SELECT
    job.seq, id, task, queue, tenant, ended.state, rank, ended.ready_at, created_at, fence,
    ended.worker, ended.attempt, max_attempts, ended.crashes, ended.started_at, finished_at,
    ended.expires_at, timeout, reason,
    unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source, headers,
    policy, error, progress, checkpoint, args
FROM ended CROSS JOIN job ON job.seq = ended.seq
