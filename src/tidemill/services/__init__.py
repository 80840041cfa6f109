"""What handlers find in `current().services`: third parties, databases, mail, a browser."""
