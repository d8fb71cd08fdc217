from django.conf import settings
from django.urls import path

from spico.pages import views

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("mon-compte/", views.my_account, name="my_account"),
    path("mentions-legales/", views.legal, name="legal"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("donnees-personnelles/", views.privacy, name="privacy"),
    path("sources/", views.sources, name="sources"),
]
# The page of examples is for those who build: it exists where the demo may be made.
if settings.DEBUG or settings.IS_DEMO_ALLOWED:
    urlpatterns.append(path("composants/", views.components, name="components"))
