from django.urls import path

from delegations.api import accounts, views

REQUEST = "delegation-requests/<int:pk>/"
DELEGATION = "delegations/<int:pk>/"
ACCOUNT = "accounts/<uuid:account>/"

urlpatterns = [
    path("delegation-requests/", views.RequestsView.as_view(), name="delegation_requests"),
    path(REQUEST, views.RequestView.as_view(), name="delegation_request"),
    path(f"{REQUEST}accept/", views.AcceptView.as_view(), name="delegation_request_accept"),
    path(f"{REQUEST}refuse/", views.RefuseView.as_view(), name="delegation_request_refuse"),
    path(f"{REQUEST}withdraw/", views.WithdrawView.as_view(), name="delegation_request_withdraw"),
    path(f"{REQUEST}claim/", views.ClaimView.as_view(), name="delegation_request_claim"),
    path("delegations/", views.DelegationListView.as_view(), name="delegations"),
    path(DELEGATION, views.DelegationView.as_view(), name="delegation"),
    path(f"{DELEGATION}revoke/", views.RevokeView.as_view(), name="delegation_revoke"),
    path(f"{DELEGATION}renew/", views.RenewView.as_view(), name="delegation_renew"),
    path(f"{DELEGATION}ask-renewal/", views.AskRenewalView.as_view(), name="delegation_ask_renewal"),
    path(f"{DELEGATION}reduce/", views.ReduceView.as_view(), name="delegation_reduce"),
    path(f"{DELEGATION}keep/", views.KeepView.as_view(), name="delegation_keep"),
    path(f"{ACCOUNT}access/", accounts.AccessView.as_view(), name="account_access"),
    path(f"{ACCOUNT}journal/", accounts.JournalView.as_view(), name="account_journal"),
]
