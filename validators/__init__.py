"""Great Expectations over the hand-overs of the pipeline, in DuckDB, and the gate that they open or close."""
