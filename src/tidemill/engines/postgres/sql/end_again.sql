-- Copy jobs that were brought back to history again, each with the end that it had. The hot rows are
-- deleted in the same transaction, which holds them still. The attempt that ended them has a row of
-- its own since they were brought back, so `ending` stays empty.
INSERT INTO tidemill.done (
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
FROM unnest(
    $1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::bigint[], $10::text[]
) AS ended (
    seq, state, ready_at, worker, attempt, crashes, started_at, finished_at, expires_at, reason
)
JOIN tidemill.job ON job.seq = ended.seq
