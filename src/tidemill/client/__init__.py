"""Asking for work and about work, from threads and from async code alike."""
