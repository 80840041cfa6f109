-- Where the job of this id is, live or finished, and its state.
SELECT seq, state FROM job WHERE id = ?1
UNION ALL
SELECT seq, state FROM done WHERE id = ?1
