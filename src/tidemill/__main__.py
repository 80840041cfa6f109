"""`python -m tidemill`, the same as the program `tidemill`."""

from tidemill.cli.main import run

if __name__ == "__main__":
    run()
