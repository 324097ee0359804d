"""Soft severity of a complaint as written: p_mild, p_moderate, p_critical, with the words that made them."""
