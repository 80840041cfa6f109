-- Where the job of this id is, live or finished, and its state.
SELECT seq, state FROM tidemill.job WHERE id = $1
UNION ALL
SELECT seq, state FROM tidemill.done WHERE id = $1
