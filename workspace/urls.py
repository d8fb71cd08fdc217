from workspace.views import agenda, circles, discussions, documents, dossiers, entries, places, tasks

app_name = "spaces"
urlpatterns = [
    *places.urlpatterns,
    *dossiers.urlpatterns,
    *circles.urlpatterns,
    *entries.urlpatterns,
    *documents.urlpatterns,
    *agenda.urlpatterns,
    *tasks.urlpatterns,
    *discussions.urlpatterns,
]
