from guardian.models import UserObjectPermission
from guardian.utils import get_user_obj_perms_model

from accounts.models import Account
from bench import access
from delegations.models import Grant
from tests.factories import DelegationFactory


def test_each_question_is_asked_of_pairs_that_hold_and_pairs_that_do_not(db: None) -> None:
    made = {DelegationFactory().account_id for _ in range(4)}
    asked = access.pairs()
    assert {account.pk for _, account in asked} <= made
    for what, ask in access.QUESTIONS_ASKED.items():
        assert len(access.once(ask, asked)) == len(asked), what


def test_the_comparison_reads_guardian_s_own_table(db: None) -> None:
    held = DelegationFactory()
    assert access.stock_check(held.holder.user, held.account)
    with access.stock():
        assert get_user_obj_perms_model(Account) is UserObjectPermission
        assert not access.stock_check(held.holder.user, held.account)
    assert get_user_obj_perms_model(Account) is Grant


def test_a_figure_tells_whether_it_holds_at_both_sizes() -> None:
    row = access.told("expliquer", [2.0], [3.0], None, 1_000)
    assert "tenu (p95 ≤ 5 ms)" in row["note"]
    assert "MANQUÉ, ≤ 1,3" in row["note"]
