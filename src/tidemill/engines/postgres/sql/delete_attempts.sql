-- Forget the attempts of jobs.
DELETE FROM tidemill.attempt WHERE job = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json)))
