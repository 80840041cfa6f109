-- Live jobs, newest first, in the columns that history has too.
SELECT seq, id, task, queue, tenant, state, args, -rank, attempt, max_attempts, crashes,
    created_at, ready_at, started_at, NULL, expires_at, timeout, policy, gate, waits_for, worker,
    fence, cancel_reason IS NOT NULL, unique_key, limit_key, rate_key, batch, tags, source,
    headers, NULL, error, '', progress, checkpoint, NULL
FROM {source} WHERE {where} ORDER BY {newest} DESC LIMIT {limit}
