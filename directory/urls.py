from django.urls import path, re_path

from directory.views import pages, search

STRUCTURE = r"^structures/(?P<finess>[0-9A-Za-z]{9})/"

app_name = "directory"
urlpatterns = [
    path("", search.search, name="search"),
    path("communes/", search.communes, name="communes"),
    path("carte.svg", search.outline, name="outline"),
    re_path(f"{STRUCTURE}$", pages.structure, name="structure"),
    re_path(f"{STRUCTURE}personnes/$", pages.structure_people, name="people"),
    path("unites/<int:pk>/", pages.unit, name="unit"),
    path("unites/<int:pk>/personnes/", pages.unit_people, name="unit_people"),
    path("professionnels/<int:pk>/", pages.professional, name="professional"),
]
