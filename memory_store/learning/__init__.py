"""Recall that learns from its owner: a head over the formula's terms, trained by gradient descent (docs/learning.md).

What recall itself needs is NumPy: :mod:`traits`, :mod:`features`, :mod:`head`, :mod:`files`. Only :mod:`network` and
:mod:`training` import torch.
"""
