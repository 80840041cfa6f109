-- One row of statistics.
SELECT count, wait, run, wait_counts, run_counts FROM statistic
WHERE step = ? AND at = ? AND queue = ? AND task = ? AND tenant = ? AND ending = ?
