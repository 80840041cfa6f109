-- Give jobs another priority.
UPDATE tidemill.job SET rank = $1 WHERE seq IN (SELECT value::bigint FROM json_array_elements_text($2::json))
