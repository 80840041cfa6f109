-- Move a queue's rate on.
UPDATE tidemill.queue SET arrival = $1 WHERE name = $2
