"""What one node at a time does for all: due jobs, lost workers, old rows. Nobody leads."""
