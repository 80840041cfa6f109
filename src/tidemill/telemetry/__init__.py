"""Wing: spans for whoever looks at traces."""
