"""The memory for other programs: as tools over MCP, and as an OpenAI-compatible chat that remembers.

Both listen on loopback only and ask for a token. What they need is imported only when they are asked for.
"""
