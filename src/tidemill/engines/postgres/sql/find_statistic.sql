-- One row of statistics.
SELECT count, wait, run, wait_counts, run_counts FROM tidemill.statistic
WHERE step = $1 AND at = $2 AND queue = $3 AND task = $4 AND tenant = $5 AND ending = $6 AND part = 0
