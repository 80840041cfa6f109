-- Take jobs out of the line until their gate opens; they keep their place.
UPDATE tidemill.job SET state = 'blocked', gate = $1 WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($2::text::json)))
