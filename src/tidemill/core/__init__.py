"""What a job is and what may happen to it: pure values and pure functions, no I/O, no clock."""
