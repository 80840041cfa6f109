"""What engines over a relational database share: how each verb goes, statement by statement.

An engine brings the connection, the statements, and a ground on which work is done in
transactions. What is decided between two statements is decided here, so that it is decided in one
way on every such database.
"""
