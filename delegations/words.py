"""The verbs of the journal and the kinds of notification that this floor adds, read once at start."""

from accounts.journal import register_things, register_verbs
from accounts.notifications import register_kinds

register_verbs(
    {
        "request.made": "a demandé une délégation",
        "request.claimed": "s’occupe d’une demande de délégation",
        "request.accepted": "a accepté une demande de délégation",
        "request.accepted_in_part": "a accepté une partie d’une demande de délégation",
        "request.refused": "a refusé une demande de délégation",
        "request.withdrawn": "a retiré une demande de délégation",
        "request.expired": "a classé sans réponse une demande de délégation",
        "request.escalated": "a transmis une demande de délégation au centre de service",
        "delegation.granted": "a accordé une délégation",
        "delegation.ended": "a mis fin à une délégation",
        "delegation.kept": "a gardé une délégation à revoir",
        "delegation.renewal_asked": "a demandé qu’une délégation soit prolongée",
        "referent.appointed": "a nommé un référent",
        "referent.ended": "a mis fin au rôle d’un référent",
        "proposal.made": "a proposé une délégation totale",
        "proposal.confirmed": "a confirmé une délégation totale",
        "proposal.rejected": "a écarté une délégation totale",
        "space.opened": "a ouvert un espace",
        "space.refused": "n’a pas pu ouvrir un espace",
        "case.opened": "a signalé un accès",
        "case.closed": "a traité un accès signalé",
        "journal.exported": "a exporté le journal",
    },
    group="Délégations et accès",
)
register_things(
    {
        "case": "accès signalé",
        "delegation": "délégation",
        "journal": "journal",
        "proposal": "délégation à confirmer",
        "referent": "référent",
        "request": "demande de délégation",
        "space": "espace",
    }
)
register_kinds(
    {
        "delegation.requested": "Une demande de délégation vous attend",
        "delegation.answered": "Une demande de délégation a reçu une réponse",
        "delegation.granted": "Une délégation a été accordée",
        "delegation.ended": "Une délégation a pris fin",
        "delegation.ends_soon": "Une délégation arrive à son terme",
        "delegation.renewal_asked": "Une prolongation de délégation vous est demandée",
        "delegation.to_review": "Des délégations sont à revoir",
        "delegation.digest": "Des demandes de délégation attendent",
        "delegation.service_centre": "Délégations\N{NO-BREAK SPACE}: à traiter au centre de service",
        "referent.changed": "Référents d’une structure",
        "case.changed": "Accès signalé",
    }
)
