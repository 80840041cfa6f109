"""A guest that shows jobs flowing: it measures the standard library of the Python that runs it."""
