"""Recipes that show what the data is worth: a loss, a trainer, an evaluation."""
