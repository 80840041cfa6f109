-- The last position that was drawn.
SELECT last_value - (NOT is_called)::int FROM tidemill.entry_position_seq
