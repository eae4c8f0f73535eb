"""What ties memories together, in mneme's own format: lines of their own, behind the memories they name.

:mod:`kinds` says what there is, :mod:`reading` and :mod:`exporting` are the two ends of a file, :mod:`writing` puts it
into a store.
"""
