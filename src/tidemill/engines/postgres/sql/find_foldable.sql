-- Statistics of a step that are old enough to be folded into the next larger one.
SELECT at, queue, task, tenant, ending, count, wait, run, wait_counts, run_counts, part
FROM tidemill.statistic WHERE step = $1 AND at <= $2 ORDER BY at LIMIT $3
FOR UPDATE SKIP LOCKED
