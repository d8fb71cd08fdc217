import pytest
from django.db import connection
from tests.factories import *
from delegations.models import GrantProposal
@pytest.mark.django_db
def test_x(reference):
    for _ in range(20): GrantProposalFactory()
    q = GrantProposal.objects.filter(state="proposed").select_related("holder","account","word_of","proposed_by").order_by("proposed_at","pk")
    import sys
    def show(title):
        print("==",title, file=sys.__stderr__); print(q.explain(analyze=True), file=sys.__stderr__)
    with connection.cursor() as c:
        c.execute("select relname, relpages, reltuples from pg_class where relname in ('accounts_account','accounts_user','delegations_grantproposal')"); print(c.fetchall(), file=sys.__stderr__)
    show("now")
    with connection.cursor() as c:
        c.execute("update pg_class set relpages=1, reltuples=0 where relname in ('accounts_account')")
    show("account empty")
    with connection.cursor() as c:
        c.execute("update pg_class set relpages=1, reltuples=0 where relname in ('delegations_grantproposal','accounts_user')")
    show("all empty")
    with connection.cursor() as c:
        c.execute("update pg_class set relpages=1, reltuples=1 where relname in ('delegations_grantproposal','accounts_user','accounts_account')")
    show("all one")
