-- Who waits for these parents, and what they do should it fail.
SELECT parent, child, on_failure FROM tidemill.edge WHERE parent = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json)))
