"""The first page: a practice host, the known hosts, and where secrets are kept."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QWidget,
)

from gui.widgets.basic import card, clear, column, label
from gui.widgets.machines import MachineList
from practice.scenario import Listed

NAME = Qt.ItemDataRole.UserRole


class StartPage(QWidget):
    """Shows names only; loading profiles and connecting is `gui.entrance`'s business."""

    practice_wanted = Signal(str)
    profile_wanted = Signal(str)
    edit_wanted = Signal(str)
    delete_wanted = Signal(str)
    give_up_wanted = Signal()
    survey_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title, self.lead = label("", "title"), label("", "quiet")
        self.problem_place = column()
        self.vault = label("", "quiet")
        self._busy = False
        self._came_from: QWidget | None = None
        cards = QHBoxLayout()
        cards.setSpacing(18)
        cards.addWidget(self._practice_card(), 1)
        cards.addWidget(self._hosts_card(), 1)
        body = QWidget()
        outer = column(body, margin=32, spacing=18)
        outer.addWidget(self.title)
        outer.addWidget(self.lead)
        outer.addLayout(self.problem_place)
        outer.addWidget(self._waiting())
        outer.addLayout(cards, 1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(body)
        column(self).addWidget(self.area)
        self.retranslate()

    def set_hosts(self, hosts: list[tuple[str, str]]) -> None:
        """(name, where its work stands) of all profiles."""
        chosen = self.chosen()
        self.hosts.clear()
        for name, standing in hosts:
            item = QListWidgetItem(f"{name}\n{standing}" if standing else name)
            item.setData(NAME, name)
            self.hosts.addItem(item)
            if name == chosen:
                self.hosts.setCurrentItem(item)
        if hosts and self.hosts.currentItem() is None:
            self.hosts.setCurrentRow(0)
        self._select()

    def chosen(self) -> str:
        """The name of the marked host, or ""."""
        item = self.hosts.currentItem()
        return str(item.data(NAME)) if item is not None else ""

    def set_scenarios(self, scenarios: list[Listed], chosen: str) -> None:
        self.scenario.show_machines(scenarios, chosen)

    def set_waiting(self, text: str) -> None:
        """What is waited for; "" when nothing is: then the focus goes back to where it was."""
        if text and not self._busy:
            self._came_from = self.focusWidget()
        ended = self._busy and not text
        self._busy = bool(text)
        self.waiting_text.setText(text)
        for widget in (self.practice, self.scenario, self.add, self.hosts):
            widget.setEnabled(not self._busy)
        self._select()
        if ended and self._came_from is not None and self.give_up.hasFocus():
            # Before its card goes: Qt would hand the focus on, and scroll to wherever that is.
            self._came_from.setFocus()
        self.waiting.setVisible(self._busy)
        if self._busy:
            self.give_up.setFocus()

    def show_problem(self, problem: QWidget | None) -> None:
        clear(self.problem_place)
        if problem is not None:
            self.problem_place.addWidget(problem)
            # Its place is known once it is laid out.
            QTimer.singleShot(0, problem, lambda: self.area.ensureWidgetVisible(problem))

    def retranslate(self) -> None:
        """Another language."""
        self.title.setText(self.tr("Hand your Proxmox host's Intel graphics to Windows"))
        self.lead.setText(
            self.tr(
                "Step by step, each change shown before it is made, checked after it, and undoable. "
                "Nothing is touched before the host was read and you agreed."
            )
        )
        self.practice_title.setText(self.tr("Practise first"))
        self.practice_text.setText(
            self.tr(
                "A practice host is a simulated Proxmox machine inside this program. "
                "Walk through the whole guide with it: nothing real is touched."
            )
        )
        self.practice_more.setText(
            self.tr(
                "It restarts, installs Windows and refuses like a real one, only faster. "
                "Choose the machine that is most like yours - some of them cannot work, and the program says why."
            )
        )
        self.hosts_title.setText(self.tr("Your hosts"))
        self.survey_text.setText(
            self.tr(
                "Somebody sent you a survey of a host, or a folder of transcripts? Look at it with no host at hand."
            )
        )
        for button, text in (
            (self.practice, self.tr("Start the practice host")),
            (self.connect_button, self.tr("Connect")),
            (self.add, self.tr("Add a host…")),
            (self.edit, self.tr("Edit…")),
            (self.delete, self.tr("Forget…")),
            (self.give_up, self.tr("Cancel")),
            (self.survey, self.tr("Open a survey…")),
        ):
            button.setText(text)
            button.setAccessibleName(text)
        self.scenario.setAccessibleName(self.tr("Practice machine"))
        self.hosts.setAccessibleName(self.tr("Your hosts"))
        self.progress.setAccessibleName(self.tr("Connecting"))
        self._select()

    def _waiting(self) -> QWidget:
        self.waiting, layout = card()
        self.waiting_text = label("")
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.give_up = QPushButton()
        self.give_up.clicked.connect(self.give_up_wanted)
        row = QHBoxLayout()
        row.addWidget(self.waiting_text, 1)
        row.addWidget(self.give_up)
        layout.addLayout(row)
        layout.addWidget(self.progress)
        self.waiting.hide()
        return self.waiting

    def _practice_card(self) -> QWidget:
        frame, layout = card()
        self.practice_title, self.practice_text = label("", "section"), label("")
        self.practice_more = label("", "quiet")
        self.scenario = MachineList()
        self.scenario.itemActivated.connect(lambda _: self.practice_wanted.emit(self.scenario.chosen()))
        self.practice = QPushButton()
        self.practice.setObjectName("primary")
        self.practice.clicked.connect(lambda: self.practice_wanted.emit(self.scenario.chosen()))
        for widget in (self.practice_title, self.practice_text, self.practice_more):
            layout.addWidget(widget)
        layout.addWidget(self.scenario, 1)
        layout.addWidget(self.practice, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(8)
        self.survey_text = label("", "quiet")
        self.survey = QPushButton()
        self.survey.clicked.connect(self.survey_wanted)
        layout.addWidget(self.survey_text)
        layout.addWidget(self.survey, alignment=Qt.AlignmentFlag.AlignLeft)
        return frame

    def _hosts_card(self) -> QWidget:
        frame, layout = card()
        self.hosts_title, self.empty = label("", "section"), label("", "quiet")
        self.hosts = QListWidget()
        self.hosts.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.hosts.itemActivated.connect(lambda _: self.profile_wanted.emit(self.chosen()))
        self.hosts.currentRowChanged.connect(lambda _: self._select())
        self.connect_button, self.add, self.edit, self.delete = (QPushButton() for _ in range(4))
        self.connect_button.clicked.connect(lambda: self.profile_wanted.emit(self.chosen()))
        self.add.clicked.connect(lambda: self.edit_wanted.emit(""))
        self.edit.clicked.connect(lambda: self.edit_wanted.emit(self.chosen()))
        self.delete.clicked.connect(lambda: self.delete_wanted.emit(self.chosen()))
        row = QHBoxLayout()
        for button in (self.connect_button, self.add, self.edit, self.delete):
            row.addWidget(button)
        row.addStretch(1)
        layout.addWidget(self.hosts_title)
        layout.addWidget(self.empty)
        layout.addWidget(self.hosts, 100)
        layout.addLayout(row)
        layout.addWidget(self.vault)
        # Takes the room of the list while there is none.
        layout.addStretch(1)
        return frame

    def _select(self) -> None:
        """What needs a marked host; with none there is only one thing to do, and it is said."""
        known = self.hosts.count() > 0
        self.hosts.setVisible(known)
        self.empty.setVisible(not known)
        self.empty.setText(
            self.tr("No host yet. Add the one you want to work on: its address and your login are enough.")
        )
        for button in (self.connect_button, self.edit, self.delete):
            button.setVisible(known)
            button.setEnabled(bool(self.chosen()) and not self._busy)
