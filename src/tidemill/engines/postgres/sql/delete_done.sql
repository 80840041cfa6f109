-- Take jobs out of history.
DELETE FROM tidemill.done WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json)))
