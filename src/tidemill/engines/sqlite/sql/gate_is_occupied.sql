-- Whether any job is parked at a gate.
SELECT 1 FROM job WHERE gate = ? AND state = 'blocked' LIMIT 1
