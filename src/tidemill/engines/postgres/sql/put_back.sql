-- Make one job that rests due again as it was, out of any gate. Whether it is to be was decided in
-- the same transaction, which holds it still.
UPDATE tidemill.job SET state = $1, gate = '', ready_at = $2 WHERE seq = $3
