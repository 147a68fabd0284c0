"""The asynchronous client, which sends with httpx."""
