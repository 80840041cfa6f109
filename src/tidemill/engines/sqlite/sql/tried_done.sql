-- The last attempts of the jobs that ended last in one state and a stretch of time.
SELECT id, task, queue, tenant, attempt, worker, started_at, finished_at, ending, error,
    tags
FROM done
WHERE state = ?1 AND finished_at >= ?2 AND finished_at < ?3
ORDER BY finished_at DESC LIMIT ?4
