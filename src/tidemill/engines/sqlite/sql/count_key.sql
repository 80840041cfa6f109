-- Jobs of a limit key in a state.
SELECT count(*) FROM job WHERE limit_key = ? AND state = ?
