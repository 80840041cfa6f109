-- Live jobs by queue, task and state.
SELECT queue, task, state, count(*), min(ready_at) FROM tidemill.job GROUP BY queue, task, state
