-- Put jobs into another queue.
UPDATE tidemill.job SET queue = $1 WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($2::text::json)))
