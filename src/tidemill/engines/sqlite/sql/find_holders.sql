-- The first of the jobs that run under a limit key.
SELECT id FROM job WHERE limit_key = ? AND state = 'running' ORDER BY seq LIMIT ?
