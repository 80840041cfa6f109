-- Waiting jobs of a rate key.
SELECT count(*) FROM job WHERE rate_key = ? AND state = 'waiting'
