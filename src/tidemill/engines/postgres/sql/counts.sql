-- Live jobs by queue, task and state; `of_tenant` may say whose. Those that wait can be told by an
-- index alone where nobody is meant in particular, and are once a vacuum has passed over them; until
-- then their rows are looked at. What else there is has to be looked at, and is said so that its
-- index may be used.
SELECT queue, task, 'waiting', count(*), min(ready_at) FROM tidemill.job
WHERE state = 'waiting' {of_tenant} GROUP BY queue, task
UNION ALL
SELECT queue, task, state, count(*), min(ready_at) FROM tidemill.job
WHERE state IN ('scheduled', 'retrying') {of_tenant} GROUP BY queue, task, state
UNION ALL
SELECT queue, task, state, count(*), min(ready_at) FROM tidemill.job
WHERE state = 'blocked' {of_tenant} GROUP BY queue, task, state
UNION ALL
SELECT queue, task, state, count(*), min(ready_at) FROM tidemill.job
WHERE state = 'running' {of_tenant} GROUP BY queue, task, state
