-- Ask running jobs to stop.
UPDATE tidemill.job SET cancel_reason = $1
WHERE state = 'running' AND seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($2::text::json)))
