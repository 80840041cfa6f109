-- Put due jobs into the line.
UPDATE tidemill.job SET state = 'waiting' WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json)))
