from directory.admin import directory

__all__ = ["directory"]
