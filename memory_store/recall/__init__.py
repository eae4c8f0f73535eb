"""From a query to recollections: candidates of two channels, what is known of them, and the best within a budget.

:mod:`.recaller` goes the whole way, and calls the others in turn; docs/recall.md explains the formula."""
