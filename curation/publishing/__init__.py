"""The dataset folder exactly as it goes to the Hub: Parquet by split, and the card that says what it is."""
