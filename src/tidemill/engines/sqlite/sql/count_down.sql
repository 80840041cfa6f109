-- So many parents of a child are done.
UPDATE job SET waits_for = waits_for - ? WHERE seq = ?
