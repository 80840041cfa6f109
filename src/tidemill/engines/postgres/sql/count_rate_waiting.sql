-- Waiting jobs of a rate key.
SELECT count(*) FROM tidemill.job WHERE rate_key = $1 AND state = 'waiting'
