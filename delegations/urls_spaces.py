from delegations.views import spaces

app_name = "spaces"
urlpatterns = spaces.urlpatterns
