-- Take finished or deleted jobs out of the hot table.
DELETE FROM tidemill.job WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json)))
