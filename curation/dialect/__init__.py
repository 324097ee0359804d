"""Which dialect a text is in, and the question in MSA beside it."""
