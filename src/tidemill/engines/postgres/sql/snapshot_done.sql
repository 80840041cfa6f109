-- Finished jobs, newest first, in the columns that live ones have too.
SELECT seq, id, task, queue, tenant, state, args, -rank, attempt, max_attempts, crashes,
    created_at, ready_at, started_at, finished_at, expires_at, timeout, policy, '', 0, worker,
    fence, 0, unique_key, limit_key, rate_key, batch, tags, source,
    headers, result, error, reason, progress, checkpoint, ending
FROM {source} WHERE {where} ORDER BY {newest} DESC LIMIT {limit}
