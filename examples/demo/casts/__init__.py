"""How each of the five applications is put on the demo's stage."""
