from celery import shared_task

from directory.search import rebuild_dictionary


@shared_task
def rebuild_search_dictionary() -> None:
    """Every night: the counts that choose the plan of a search are estimates that drift."""
    rebuild_dictionary()
