-- Give jobs another priority.
UPDATE tidemill.job SET rank = $1 WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($2::text::json)))
