"""The five applications in one place, as five tenants of one store."""
