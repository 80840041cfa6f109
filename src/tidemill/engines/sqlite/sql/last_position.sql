-- The position of the line that was added last.
SELECT seq FROM sqlite_sequence WHERE name = 'entry'
