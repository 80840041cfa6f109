-- Delete the lines of the chained log up to a position, and no others: what is left is whole.
DELETE FROM tidemill.entry WHERE log = 'audit' AND position <= $1
