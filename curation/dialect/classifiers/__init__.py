"""Somebody else's classifiers of dialects, their labels summed into ours."""
