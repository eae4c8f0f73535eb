"""What the screens ask of the store and change in it. Whatever takes time runs in a thread."""
