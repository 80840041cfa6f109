"""Files: what jobs have made for people, kept for a while and handed out by links."""
