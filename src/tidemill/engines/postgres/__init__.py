"""Many machines, one PostgreSQL database: a small hot table, history beside it, hints by NOTIFY.

The verbs are those that relational engines share. Here are the server and how it is reached, the
statements, the locks under which they are run, and the hints.
"""
