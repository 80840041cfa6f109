"""How the dashboard fares in a browser: how soon it is there, and how it bears much and long."""
