"""What the applications are put on with: a server, a database, and stand-ins for the world."""
