-- Rows of statistics of some steps in a stretch of time, for a queue, a task, a tenant or all.
SELECT at, queue, task, tenant, ending, count, wait, run, wait_counts, run_counts
FROM tidemill.statistic
WHERE step IN (SELECT value FROM json_array_elements_text($1::text::json)) AND at >= $2 AND at < $3
    AND ($4::text IS NULL OR queue = $4) AND ($5::text IS NULL OR task = $5)
    AND ($6::text IS NULL OR tenant = $6)
