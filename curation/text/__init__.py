"""Arabic text: the rules as data, the compiler that makes SQL of them, phrases, language."""
