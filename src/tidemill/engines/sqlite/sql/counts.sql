-- Live jobs by queue, task and state; `of_tenant` may say whose.
SELECT queue, task, state, count(*), min(ready_at) FROM job {of_tenant} GROUP BY queue, task, state
