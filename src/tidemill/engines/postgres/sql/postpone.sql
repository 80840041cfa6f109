-- Make jobs due at another time.
UPDATE tidemill.job SET state = 'scheduled', ready_at = $1 WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($2::text::json)))
