"""Shared by tests of pictures."""

import io


def drawn(figure):
    """The bytes of the PNG, which is also where a picture that cannot be drawn fails."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=40)
    return buffer.getvalue()
