"""Hasila reads Arabic news of armed conflict: its entities and its casualty claims, tied to the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Document", "Extractor", "Span", "__version__"]

if TYPE_CHECKING:
    from hasila.document import Document, Span
    from hasila.extractor import Extractor


def __getattr__(name: str) -> Any:
    # The runtime (numpy, onnxruntime, tokenizers) loads when first used: `import hasila` is instant.
    if name == "Extractor":
        from hasila.extractor import Extractor

        return Extractor
    if name in ("Document", "Span"):
        from hasila import document

        return getattr(document, name)
    raise AttributeError(f"module 'hasila' has no attribute {name!r}")
