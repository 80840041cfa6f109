-- Which of these jobs run under this fence, and nobody waits for them, their room or their end.
SELECT seq FROM job
WHERE seq IN (SELECT value FROM json_each(?)) AND fence = ? AND state = 'running'
    AND limit_key IS NULL AND is_parent = 0 AND cancel_reason IS NULL
