from workspace.views import agenda, discussions, dossiers, places, tasks

app_name = "spaces"
urlpatterns = [
    *places.urlpatterns,
    *dossiers.urlpatterns,
    *agenda.urlpatterns,
    *tasks.urlpatterns,
    *discussions.urlpatterns,
]
