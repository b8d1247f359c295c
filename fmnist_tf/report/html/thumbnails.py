"""Small images inside a page, and as many of them as keep the page small."""

import base64
from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from fmnist_tf.report.html.elements import Markup

_LONGEST_SIDE = 96  # pixels
_PNG_PIXELS = 32 * 32  # up to which a PNG is smaller than a JPEG


def fitting(cards: Iterable[Markup], limit: int) -> list[Markup]:
    """The first cards, as many as have at most `limit` bytes together."""
    kept = []
    for card in cards:
        limit -= len(card.encode())
        if limit < 0:
            break
        kept.append(card)
    return kept


def thumbnail(images: Any, row_id: int) -> Markup:
    """The image of a row, with an empty alternative text: the caption beside it says everything.

    Args:
        images: `images[id]` is the image of a row.
        row_id: the id.
    """
    image = as_thumbnail(np.asarray(images[int(row_id)]))
    height, width = image.shape[:2]
    kind, encode = ("png", tf.io.encode_png) if height * width <= _PNG_PIXELS else ("jpeg", tf.io.encode_jpeg)
    content = base64.b64encode(encode(image).numpy()).decode()
    return Markup(f'<img src="data:image/{kind};base64,{content}" alt="" width="{width}" height="{height}">')


def as_thumbnail(image: np.ndarray) -> np.ndarray:
    """uint8 (height, width, 1 or 3), at most 96 pixels wide and high.

    Args:
        image: (height, width) or (height, width, 1 or 3), from 0 to 255 or from 0 to 1.

    Raises:
        ValueError: another shape.
    """
    image = image[..., np.newaxis] if image.ndim == 2 else image
    if image.ndim != 3 or image.shape[-1] not in (1, 3):
        raise ValueError(f"an image must be (height, width) or (height, width, 1 or 3), got shape {image.shape}")
    if image.dtype != np.uint8:
        scale = 1 if image.max(initial=0) > 1 else 255
        image = np.nan_to_num(np.clip(image * scale, 0, 255)).astype(np.uint8)
    if max(image.shape[:2]) <= _LONGEST_SIDE:
        return image
    size = (_LONGEST_SIDE, _LONGEST_SIDE)
    smaller = tf.image.resize(image, size, preserve_aspect_ratio=True, antialias=True)
    return np.clip(np.round(smaller.numpy()), 0, 255).astype(np.uint8)
