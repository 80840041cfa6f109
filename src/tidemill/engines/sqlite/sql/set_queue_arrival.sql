-- Move a queue's rate on.
UPDATE queue SET arrival = ? WHERE name = ?
