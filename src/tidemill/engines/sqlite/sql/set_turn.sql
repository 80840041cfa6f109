-- Remember the tenant that was served last.
UPDATE queue SET turn = ? WHERE name = ?
