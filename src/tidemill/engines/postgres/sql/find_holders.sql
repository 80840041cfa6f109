-- The first of the jobs that run under a limit key.
SELECT id FROM tidemill.job WHERE limit_key = $1 AND state = 'running' ORDER BY seq LIMIT $2
