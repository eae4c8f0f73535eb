"""What is said, read by rule: terms, scripts, times in words, standing wishes, secrets. Pure functions; no store."""
