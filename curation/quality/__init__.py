"""What makes a record worth keeping or not: each a score from 0 to 1 with what made it; `select` decides by thresholds."""
