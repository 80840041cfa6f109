-- Give waiting jobs to a worker under a new fence; a key held until the start is free now.
UPDATE tidemill.job
SET state = 'running', fence = $1, worker = $2, started_at = $3, attempt = attempt + 1,
    unique_until = nullif(unique_until, 'started')
WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($4::text::json)))
