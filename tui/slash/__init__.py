"""Commands that are typed into a chat: ``/pin 2``. One table; the app and the plain prompt both obey it."""
