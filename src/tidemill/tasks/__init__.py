"""What can be run: functions declared as tasks, and how their calls and results travel as JSON."""
