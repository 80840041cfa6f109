"""Surface: everything over HTTP, for programs and for the dashboard."""
