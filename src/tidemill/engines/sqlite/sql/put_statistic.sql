-- Write one row of statistics.
INSERT INTO statistic (
    step, at, queue, task, tenant, ending, count, wait, run, wait_counts, run_counts
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = excluded.count, wait = excluded.wait, run = excluded.run,
    wait_counts = excluded.wait_counts, run_counts = excluded.run_counts
