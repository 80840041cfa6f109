-- Which of these gates have jobs parked at them.
SELECT value FROM json_each(?)
WHERE EXISTS (SELECT 1 FROM job INDEXED BY job_gate WHERE gate = value AND state = 'blocked')
