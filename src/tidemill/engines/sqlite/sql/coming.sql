-- Scheduled and retrying jobs that are due before a moment, the soonest of them, by hour and task;
-- `of_tenant` may say whose.
SELECT hour, queue, task, state, count(*)
FROM (
    SELECT ready_at - ready_at % 3600000 AS hour, queue, task, state FROM job INDEXED BY job_due
    WHERE state IN ('scheduled', 'retrying') AND ready_at < ? {of_tenant}
    ORDER BY ready_at LIMIT ?
) AS soonest
GROUP BY hour, queue, task, state ORDER BY hour, queue, task, state
