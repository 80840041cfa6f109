"""One file, one machine: WAL, one writer at a time with group commit, no server.

What it cannot do:

* serve several machines: SQLite's locks do not hold on network file systems, and the start-up
  check says so when it finds one;
* write from two processes at the same moment: they take turns, so more processes share the work
  of running jobs, not of storing them;
* put a limit on how long a caller's own transaction keeps the file locked: while it is open,
  every worker waits;
* keep `WAL` small while someone reads for a long time: it is folded back when the reader ends.
"""
