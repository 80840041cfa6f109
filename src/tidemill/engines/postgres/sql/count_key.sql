-- Jobs of a limit key in a state.
SELECT count(*) FROM tidemill.job WHERE limit_key = $1 AND state = $2
