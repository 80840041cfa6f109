-- Who waits for these parents, and what they do should it fail.
SELECT parent, child, on_failure FROM edge WHERE parent IN (SELECT value FROM json_each(?))
