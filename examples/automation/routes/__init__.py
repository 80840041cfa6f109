"""The endpoints of the platform, in its own words."""
