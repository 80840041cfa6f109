"""HSE.Digital: health, safety and environment for many organisations, on tidemill."""
