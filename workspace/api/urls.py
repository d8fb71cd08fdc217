from django.urls import path

from workspace.api import agenda, discussions, documents, dossiers, feeds, leaving, tasks

ACCOUNT = "accounts/<uuid:account>/"
DOSSIER = f"{ACCOUNT}dossiers/<uuid:dossier>/"
EVENT = f"{ACCOUNT}agenda/<uuid:event>/"
TASK = f"{ACCOUNT}tasks/<uuid:task>/"
TALK = f"{ACCOUNT}discussions/<uuid:conversation>/"

urlpatterns = [
    path(f"{ACCOUNT}dossiers/", dossiers.DossiersView.as_view(), name="dossiers"),
    path(f"{ACCOUNT}dossiers/search/", dossiers.DossierSearchView.as_view(), name="dossiers_search"),
    path(DOSSIER, dossiers.OneDossierView.as_view(), name="dossier"),
    path(f"{DOSSIER}archive/", dossiers.ArchiveView.as_view(), name="dossier_archive"),
    path(f"{DOSSIER}restore/", dossiers.RestoreView.as_view(), name="dossier_restore"),
    path(f"{DOSSIER}circle/", dossiers.CircleView.as_view(), name="circle"),
    path(f"{DOSSIER}circle/<int:row>/inform/", dossiers.CircleInformView.as_view(), name="circle_inform"),
    path(f"{DOSSIER}circle/<int:row>/remove/", dossiers.CircleRemoveView.as_view(), name="circle_remove"),
    path(f"{DOSSIER}entries/", dossiers.EntriesView.as_view(), name="entries"),
    path(f"{DOSSIER}entries/<uuid:entry>/", dossiers.EntryView.as_view(), name="entry"),
    path(f"{DOSSIER}entries/<uuid:entry>/versions/", dossiers.VersionsView.as_view(), name="entry_versions"),
    path(f"{DOSSIER}documents/", documents.DocumentsView.as_view(), name="document_add"),
    path(f"{DOSSIER}documents/<uuid:document>/", documents.DocumentView.as_view(), name="document"),
    path(f"{ACCOUNT}agenda/", agenda.AgendaView.as_view(), name="agenda"),
    path(f"{ACCOUNT}agenda/links/", feeds.AgendaLinksView.as_view(), name="agenda_links"),
    path(f"{ACCOUNT}agenda/links/<int:feed>/revoke/", feeds.AgendaLinkRevokeView.as_view(), name="agenda_link_revoke"),
    path(EVENT, agenda.EventView.as_view(), name="event"),
    path(f"{EVENT}cancel/", agenda.EventCancelView.as_view(), name="event_cancel"),
    path(f"{ACCOUNT}tasks/", tasks.TasksView.as_view(), name="tasks"),
    path(TASK, tasks.TaskView.as_view(), name="task"),
    path(f"{TASK}take/", tasks.TakeView.as_view(), name="task_take"),
    path(f"{TASK}done/", tasks.DoneView.as_view(), name="task_done"),
    path(f"{TASK}reopen/", tasks.ReopenView.as_view(), name="task_reopen"),
    path(f"{TASK}cancel/", tasks.CancelView.as_view(), name="task_cancel"),
    path(f"{ACCOUNT}discussions/", discussions.DiscussionsView.as_view(), name="discussions"),
    path(f"{ACCOUNT}discussions/search/", discussions.DiscussionSearchView.as_view(), name="conversations_search"),
    path(TALK, discussions.ConversationView.as_view(), name="conversation"),
    path(f"{TALK}messages/", discussions.MessagesView.as_view(), name="messages"),
    path(f"{TALK}participants/", discussions.ParticipantsView.as_view(), name="participants"),
    path(
        f"{TALK}participants/<int:row>/remove/", discussions.ParticipantRemoveView.as_view(), name="participant_remove"
    ),
    path(f"{TALK}leave/", discussions.LeaveView.as_view(), name="conversation_leave"),
    path(f"{TALK}read/", discussions.ReadView.as_view(), name="conversation_read"),
    path(f"{TALK}mute/", discussions.MuteView.as_view(), name="conversation_mute"),
    path(f"{TALK}archive/", discussions.ArchiveView.as_view(), name="conversation_archive"),
    path(f"{TALK}dossier/", discussions.LinkView.as_view(), name="conversation_dossier"),
    path("delegations/<int:pk>/brought-in/", leaving.BroughtInView.as_view(), name="delegation_brought_in"),
    path("delegations/<int:pk>/take-out/", leaving.TakeOutView.as_view(), name="delegation_take_out"),
]
