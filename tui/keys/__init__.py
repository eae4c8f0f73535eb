"""Keys and the palette, read from the one table of commands and from the bindings themselves."""
