"""Arabizi, Arabic in Latin letters, into Arabic letters."""
