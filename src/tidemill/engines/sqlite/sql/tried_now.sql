-- The attempts that run now.
SELECT id, task, queue, tenant, attempt, worker, started_at, NULL, NULL, NULL, tags
FROM job WHERE state = 'running' ORDER BY seq DESC LIMIT ?1
