-- Remember that a step has been taken; in the step's own transaction, if it has one.
INSERT INTO tidemill.step (number, kind, name, checksum, release) VALUES ($1, $2, $3, $4, $5)
