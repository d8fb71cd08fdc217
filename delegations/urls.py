from delegations.views import asking, journal, living, requests

app_name = "delegations"
urlpatterns = [
    *living.urlpatterns,
    *asking.urlpatterns,
    *requests.urlpatterns,
    *journal.urlpatterns,
]
