"""Modules: packages that bring tasks, schedules, event handlers and settings."""
