from django.urls import path, re_path

from directory.api import documentation, views
from directory.api.search import DirectoryView

FINESS = r"^structures/(?P<finess>[0-9A-Za-z]{9})/"

urlpatterns = [
    path("directory/", DirectoryView.as_view(), name="directory"),
    re_path(f"{FINESS}$", views.StructureView.as_view(), name="structure"),
    re_path(f"{FINESS}people/$", views.StructurePeopleView.as_view(), name="structure_people"),
    path("units/<int:pk>/", views.UnitView.as_view(), name="unit"),
    path("units/<int:pk>/people/", views.UnitPeopleView.as_view(), name="unit_people"),
    path("professionals/<int:pk>/", views.ProfessionalView.as_view(), name="professional"),
    path("problems/<slug:name>/", documentation.ProblemTypeView.as_view(), name="problem"),
    path("schema/", documentation.SchemaView.as_view(), name="schema"),
    path("docs/", documentation.docs, name="docs"),
]
