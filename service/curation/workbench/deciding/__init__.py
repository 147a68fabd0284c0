"""Two sides that differ, readings or data sets, of which one is taken each time, with a reason."""
