-- The newest attempts that did not end their jobs, with what is known of these.
SELECT COALESCE(job.id, done.id), COALESCE(job.task, done.task), COALESCE(job.queue, done.queue),
    COALESCE(job.tenant, done.tenant), tried.number, tried.worker, tried.started_at, tried.ended_at,
    tried.ending, tried.error, COALESCE(job.tags, done.tags)
FROM (SELECT * FROM attempt ORDER BY seq DESC LIMIT ?1) AS tried
LEFT JOIN job AS job ON job.seq = tried.job
LEFT JOIN done AS done ON done.seq = tried.job
WHERE tried.ended_at >= ?2 AND tried.ended_at < ?3
    AND COALESCE(job.id, done.id) IS NOT NULL
