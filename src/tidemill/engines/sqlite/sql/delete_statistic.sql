-- Delete one row of statistics.
DELETE FROM statistic
WHERE step = ? AND at = ? AND queue = ? AND task = ? AND tenant = ? AND ending = ?
