"""What the end-to-end tests share: a real, trained language model."""

from __future__ import annotations

from tests.tiny_model.fixtures import tiny_model_path

__all__ = ["tiny_model_path"]
