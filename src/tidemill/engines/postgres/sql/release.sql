-- Let parked jobs back into the line, at the place they had; or, debounced, until they are due.
UPDATE tidemill.job SET state = CASE WHEN ready_at > $1 THEN 'scheduled' ELSE 'waiting' END, gate = ''
WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($2::text::json)))
