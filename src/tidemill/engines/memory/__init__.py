"""Jobs in this process's memory: the executable specification of the engine contract.

It does everything that `tidemill.engines.protocol` promises, each verb as one step under one lock,
written to be read: what the other engines do with indexes and statements is said here in plain
Python, and whoever doubts what a promise means can look it up.

What it cannot do:

* outlive its process: all is gone with it, which `Health.durability` calls `volatile`;
* serve several processes: every engine object is a store of its own;
* take part in a transaction of the caller's: it has none to share, and refuses every one;
* hold very much: jobs that have finished stay in memory until they are pruned.
"""
