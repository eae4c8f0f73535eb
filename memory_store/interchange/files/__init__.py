"""Files as memories: text, Markdown, PDF and images, cut into passages. See docs/interchange.md."""
