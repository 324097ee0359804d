"""The same work with other tools, written the way their users write it."""
