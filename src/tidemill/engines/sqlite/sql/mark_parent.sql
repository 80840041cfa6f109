-- Remember that jobs wait for this one, so that ending the others costs no look-up.
UPDATE job SET is_parent = 1 WHERE seq = ?
