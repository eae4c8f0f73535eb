"""A profile's whole memory under a passphrase: SQLCipher below the words, and no vector on the disk in the plain.

``keys`` makes keys of passphrases, ``cipher`` opens connections, ``converting`` turns a plain memory into an encrypted
one and back, ``remains`` finishes what a kill left of that. docs/security.md says what this protects and what not.
"""
