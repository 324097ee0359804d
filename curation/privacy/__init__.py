"""Personal data stops here: what is looked for, as data, and `redact`, which puts typed placeholders in its place."""
