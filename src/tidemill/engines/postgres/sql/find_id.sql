-- Where the job of this id is, live or finished: its state, and the gate it is parked at.
SELECT seq, state, gate FROM tidemill.job WHERE id = $1
UNION ALL
SELECT seq, state, '' FROM tidemill.done WHERE id = $1
