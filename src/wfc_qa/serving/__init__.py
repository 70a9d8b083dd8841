"""The web: JSON API, document pages and the chat; ``app`` is its door."""
