"""Kits: modules that come with tidemill, each a guest that any application may include."""
