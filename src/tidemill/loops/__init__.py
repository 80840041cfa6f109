"""How anything runs in the background: the clock, services, tickers, and calls to be waited for."""
