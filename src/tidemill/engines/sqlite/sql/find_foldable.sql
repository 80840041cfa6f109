-- Statistics of a step that are old enough to be folded into the next larger one.
SELECT at, queue, task, tenant, ending, count, wait, run, wait_counts, run_counts
FROM statistic WHERE step = ? AND at <= ? ORDER BY at LIMIT ?
