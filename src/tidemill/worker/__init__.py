"""Running jobs: from the claim, through the handler, to the settlement."""
