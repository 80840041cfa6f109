-- Nobody waits for these parents any more.
DELETE FROM tidemill.edge WHERE parent = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json)))
