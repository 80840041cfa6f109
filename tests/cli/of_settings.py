"""An application whose store is the one that is set."""

from tidemill import Tidemill

app = Tidemill()
