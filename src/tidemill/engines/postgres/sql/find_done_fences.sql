-- Under which fence jobs finished.
SELECT seq, fence FROM tidemill.done WHERE seq IN (SELECT value::bigint FROM json_array_elements_text($1::json))
