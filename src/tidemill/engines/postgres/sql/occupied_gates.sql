-- Which of these gates have jobs parked at them.
SELECT value FROM json_array_elements_text($1::text::json)
WHERE EXISTS (SELECT 1 FROM tidemill.job WHERE gate = value AND state = 'blocked')
