-- The tasks with a job waiting in a queue, one index step each, however many jobs they have.
WITH RECURSIVE waiting (task) AS (
    SELECT min(task) FROM tidemill.job WHERE queue = $1 AND state = 'waiting'
    UNION ALL
    SELECT (
        SELECT min(task) FROM tidemill.job
        WHERE queue = $1 AND state = 'waiting' AND task > waiting.task
    )
    FROM waiting WHERE waiting.task IS NOT NULL
)
SELECT task FROM waiting WHERE task IS NOT NULL
