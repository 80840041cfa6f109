-- Remember that jobs wait for this one, so that ending the others costs no look-up.
UPDATE tidemill.job SET is_parent = 1 WHERE seq = $1
