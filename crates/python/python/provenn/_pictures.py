"""What notebooks show."""

from __future__ import annotations


def page(html: str, height: int = 640) -> str:
    """A page of its own in a frame: its styles leave the notebook alone."""
    from html import escape

    return (
        f'<iframe srcdoc="{escape(html, quote=True)}" width="100%" height="{height}" '
        'style="border:0" sandbox></iframe>'
    )


def picture(svg: str, text: str) -> str:
    """A drawing, and its numbers below it."""
    from html import escape

    return f"<div>{svg}<pre>{escape(text)}</pre></div>"
