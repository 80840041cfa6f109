-- So many parents of a child are done.
UPDATE tidemill.job SET waits_for = waits_for - $1 WHERE seq = $2
