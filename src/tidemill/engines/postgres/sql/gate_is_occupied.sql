-- Whether any job is parked at a gate.
SELECT 1 FROM tidemill.job WHERE gate = $1 AND state = 'blocked' LIMIT 1
