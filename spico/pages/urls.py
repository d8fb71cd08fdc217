from django.conf import settings
from django.urls import path

from spico.pages import examples, views

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("mon-compte/", views.my_account, name="my_account"),
    path("mentions-legales/", views.legal, name="legal"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("donnees-personnelles/", views.privacy, name="privacy"),
    path("sources/", views.sources, name="sources"),
]
if settings.DEBUG or settings.IS_DEMO_ALLOWED:
    urlpatterns += [
        path("composants/", examples.components, name="components"),
        path("composants/erreur/<int:code>/", examples.error, name="error"),
    ]
