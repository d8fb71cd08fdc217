"""The service centre's pages on delegations: lists to read, and acts that call the services. No state is typed."""

from delegations.admin import cases, delegations, orphans, proposals, referents, requests, reviews

__all__ = ["cases", "delegations", "orphans", "proposals", "referents", "requests", "reviews"]
