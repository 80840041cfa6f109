-- Make one job that rests due again as it was, out of any gate. Whether it is to be was decided in
-- the same transaction, which holds it still.
UPDATE job SET state = ?, gate = '', ready_at = ? WHERE seq = ?
