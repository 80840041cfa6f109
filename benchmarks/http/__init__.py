"""The API over HTTP, beside a bare FastAPI, and under load."""
