"""What kits that write tables share: cells that spreadsheets cannot run, and asking for rows."""
