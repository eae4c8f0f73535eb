"""One sitting with mneme, without a screen: the session, its threads, and what it tells whoever draws."""
