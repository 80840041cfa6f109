-- Make scheduled and retrying jobs due.
UPDATE tidemill.job SET state = 'waiting', ready_at = $1 WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($2::text::json)))
