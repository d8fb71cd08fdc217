from django.urls import path, re_path

from accounts import notices, views

app_name = "accounts"
urlpatterns = [
    path("connexion/", views.SignIn.as_view(), name="sign_in"),
    path("deconnexion/", views.sign_out, name="sign_out"),
    path("notifications/", notices.notifications, name="notifications"),
    path("notifications/<int:pk>/", notices.notification, name="notification"),
    path("notifications/lues/", notices.notifications_read, name="notifications_read"),
    path("mon-compte/apparence/", views.theme, name="theme"),
    path("mon-compte/mot-de-passe/", views.ChangePassword.as_view(), name="password"),
    path("mon-compte/jetons/", views.tokens, name="tokens"),
    path("mon-compte/jetons/creer/", views.token_create, name="token_create"),
    re_path(r"^mon-compte/jetons/(?P<handle>[0-9a-f]{16})/revoquer/$", views.token_revoke, name="token_revoke"),
]
