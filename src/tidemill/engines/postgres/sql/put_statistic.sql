-- Write one row of statistics.
INSERT INTO tidemill.statistic (
    step, at, queue, task, tenant, ending, count, wait, run, wait_counts, run_counts
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (step, at, queue, task, tenant, ending, part) DO UPDATE
SET count = excluded.count, wait = excluded.wait, run = excluded.run,
    wait_counts = excluded.wait_counts, run_counts = excluded.run_counts
