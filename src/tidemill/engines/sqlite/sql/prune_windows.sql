-- Forget unique windows that have passed.
DELETE FROM unique_window WHERE until <= ?
