"""Webhooks, posted to a receiver on this machine."""
