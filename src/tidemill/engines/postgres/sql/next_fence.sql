-- Draw the next fence; no number is ever drawn twice.
SELECT nextval('tidemill.fence')
