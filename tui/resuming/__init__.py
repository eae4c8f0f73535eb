"""What a sitting leaves behind for the next one: where it was, its draft, its looks. Never memories."""
