-- Remember the tenant that was served last.
UPDATE tidemill.queue SET turn = $1 WHERE name = $2
