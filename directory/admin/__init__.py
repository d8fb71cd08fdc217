from directory.admin import directory, imports

__all__ = ["directory", "imports"]
