"""RTO Compliance Hub: what a training organisation has to keep in order, on tidemill."""
