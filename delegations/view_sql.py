"""The view that django-guardian reads: delegations in force, by space and by user. Its text is compared at night."""

from delegations.scopes import OPENS, Space

RANKS = {space: rank for rank, space in enumerate(Space)}
PAIRS = ", ".join(
    f"('{scope.value}', '{space.value}', {RANKS[space]})"
    for scope, spaces in OPENS.items()
    for space in Space
    if space in spaces
)
ALL = ", ".join(f"('{space.value}', {rank})" for space, rank in RANKS.items())
GRANT_VIEW = f"""
CREATE OR REPLACE VIEW delegations_grant AS
SELECT d.id * 4 + s.rank AS id, h.user_id, d.account_id AS content_object_id, p.id AS permission_id,
    d.id AS delegation_id
FROM delegations_delegation d
JOIN accounts_account h ON h.id = d.holder_id
JOIN accounts_user u ON u.id = h.user_id AND u.is_active
JOIN accounts_account a ON a.id = d.account_id AND a.state <> 'closed'
JOIN (VALUES {PAIRS}) AS s (scope, space, rank) ON s.scope = d.scope
JOIN auth_permission p ON p.codename = 'open_' || s.space
JOIN django_content_type c ON c.id = p.content_type_id AND c.app_label = 'accounts' AND c.model = 'account'
WHERE d.period @> statement_timestamp()
UNION ALL
SELECT -(a.user_id::bigint * 4 + s.rank) - 1 AS id, a.user_id, a.id AS content_object_id, p.id AS permission_id,
    NULL::bigint AS delegation_id
FROM accounts_account a
JOIN accounts_user u ON u.id = a.user_id AND u.is_active
CROSS JOIN (VALUES {ALL}) AS s (space, rank)
JOIN auth_permission p ON p.codename = 'open_' || s.space
JOIN django_content_type c ON c.id = p.content_type_id AND c.app_label = 'accounts' AND c.model = 'account'
WHERE a.state <> 'closed'
"""  # noqa: S608, words of ours
