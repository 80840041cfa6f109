"""Who hears about it: subscriptions to events, and the relay that turns events into jobs."""
