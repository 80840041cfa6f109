-- Forget what jobs said.
DELETE FROM tidemill.entry WHERE log = ANY (ARRAY(SELECT value FROM json_array_elements_text($1::text::json)))
