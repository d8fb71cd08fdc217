from django.urls import path

from directory.views import pages, search

app_name = "directory"
urlpatterns = [
    path("", search.search, name="search"),
    path("communes/", search.communes, name="communes"),
    path("carte.svg", search.outline, name="outline"),
    path("structures/<str:finess>/", pages.structure, name="structure"),
    path("structures/<str:finess>/personnes/", pages.structure_people, name="people"),
    path("unites/<int:pk>/", pages.unit, name="unit"),
    path("unites/<int:pk>/personnes/", pages.unit_people, name="unit_people"),
    path("professionnels/<int:pk>/", pages.professional, name="professional"),
]
