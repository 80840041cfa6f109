"""The command line: what can be asked of tidemill from a terminal."""
