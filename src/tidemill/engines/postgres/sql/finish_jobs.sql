-- Copy jobs to history, each with its end. The hot rows are deleted in the same transaction.
INSERT INTO tidemill.done (
    seq, id, task, queue, tenant, state, rank, ready_at, created_at, fence, worker, attempt,
    max_attempts, crashes, started_at, finished_at, expires_at, timeout, ending, reason,
    unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source, headers,
    policy, error, progress, checkpoint, args, result
)
SELECT
    job.seq, id, task, queue, tenant, ended.state, rank, ready_at, created_at, fence, worker, attempt,
    max_attempts, crashes + crashed, started_at, at, expires_at, timeout, ending, reason,
    unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source, headers,
    policy, CASE ended.state WHEN 'completed' THEN NULL ELSE coalesce(ended.error, job.error) END,
    progress, checkpoint, args, result
FROM unnest(
    $1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[],
    $8::bytea[]
) AS ended (seq, state, crashed, at, ending, reason, error, result)
JOIN tidemill.job ON job.seq = ended.seq
