-- These jobs wait for nobody any more.
DELETE FROM tidemill.edge WHERE child = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json)))
