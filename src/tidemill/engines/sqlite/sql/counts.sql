-- Live jobs by queue, task and state; `of_tenant` may say whose. Those that wait are told by an index
-- alone where nobody is meant in particular: `state` is as the index has it, and SQLite, older ones
-- without saying COVERING, follows no entry to its row. What else there is has to be looked at, and
-- is said so that its index may be used.
SELECT queue, task, 'waiting', count(*), min(ready_at) FROM job
WHERE state = 'waiting' {of_tenant} GROUP BY queue, task
UNION ALL
SELECT queue, task, state, count(*), min(ready_at) FROM job
WHERE state IN ('scheduled', 'retrying') {of_tenant} GROUP BY queue, task, state
UNION ALL
SELECT queue, task, state, count(*), min(ready_at) FROM job
WHERE state = 'blocked' {of_tenant} GROUP BY queue, task, state
UNION ALL
SELECT queue, task, state, count(*), min(ready_at) FROM job
WHERE state = 'running' {of_tenant} GROUP BY queue, task, state
