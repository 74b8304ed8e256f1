"""The first page: known hosts, a practice host, and where secrets are kept."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QListWidget, QProgressBar, QPushButton, QWidget

from gui.widgets.basic import card, column, label


class StartPage(QWidget):
    """Shows names only; loading profiles and connecting is the window's business."""

    practice_wanted = Signal(str)
    profile_wanted = Signal(str)
    edit_wanted = Signal(str)
    delete_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        outer = column(self, margin=32, spacing=18)
        self.title = label("", "title")
        self.lead = label("", "quiet")
        outer.addWidget(self.title)
        outer.addWidget(self.lead)
        self.problem_frame, problem = card("badBanner")
        self.problem = label("")
        problem.addWidget(self.problem)
        self.problem_frame.hide()
        outer.addWidget(self.problem_frame)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(self._practice_card(), 1)
        row.addWidget(self._hosts_card(), 1)
        outer.addLayout(row)
        outer.addStretch(1)
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.hide()
        outer.addWidget(self.progress)
        self._names: tuple[str, ...] = ()
        self.vault = label("", "quiet")
        outer.addWidget(self.vault)
        self.retranslate()

    def set_hosts(self, names: tuple[str, ...]) -> None:
        self._names = names
        self.hosts.clear()
        self.hosts.addItems(list(names))
        if names:
            self.hosts.setCurrentRow(0)
        self._select()

    def set_scenarios(self, scenarios: list[tuple[str, str]], chosen: str) -> None:
        self.scenario.clear()
        for name, title in scenarios:
            self.scenario.addItem(title, name)
        self.scenario.setCurrentIndex(max(self.scenario.findData(chosen), 0))

    def set_busy(self, busy: bool) -> None:
        self.progress.setVisible(busy)
        for button in (self.practice, self.connect_button, self.add, self.edit, self.delete):
            button.setEnabled(not busy)
        if not busy:
            self._select()

    def show_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem_frame.setVisible(bool(text))

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
        self.hosts_title.setText(self.tr("Your hosts"))
        for button, text in (
            (self.practice, self.tr("Start the practice host")),
            (self.connect_button, self.tr("Connect")),
            (self.add, self.tr("Add a host…")),
            (self.edit, self.tr("Edit…")),
            (self.delete, self.tr("Forget")),
        ):
            button.setText(text)
            button.setAccessibleName(text)
        self.scenario.setAccessibleName(self.tr("Practice machine"))
        self.hosts.setAccessibleName(self.tr("Your hosts"))
        self.progress.setAccessibleName(self.tr("Connecting"))
        self.empty.setText(self.tr("No host yet. Add the one you want to work on."))

    def _practice_card(self) -> QWidget:
        frame, layout = card()
        self.practice_title, self.practice_text = label("", "section"), label("")
        self.scenario = QComboBox()
        self.scenario.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.practice = QPushButton()
        self.practice.setObjectName("primary")
        self.practice.clicked.connect(lambda: self.practice_wanted.emit(self.scenario.currentData()))
        for widget in (self.practice_title, self.practice_text, self.scenario):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.practice, alignment=Qt.AlignmentFlag.AlignLeft)
        return frame

    def _hosts_card(self) -> QWidget:
        frame, layout = card()
        self.hosts_title = label("", "section")
        self.hosts = QListWidget()
        self.hosts.setFixedHeight(200)
        self.hosts.itemActivated.connect(lambda item: self.profile_wanted.emit(item.text()))
        self.hosts.currentRowChanged.connect(lambda _: self._select())
        self.empty: QLabel = label("", "quiet")
        self.connect_button, self.add, self.edit, self.delete = (QPushButton() for _ in range(4))
        self.connect_button.clicked.connect(lambda: self._emit(self.profile_wanted))
        self.add.clicked.connect(lambda: self.edit_wanted.emit(""))
        self.edit.clicked.connect(lambda: self._emit(self.edit_wanted))
        self.delete.clicked.connect(lambda: self._emit(self.delete_wanted))
        row = QHBoxLayout()
        for button in (self.connect_button, self.add, self.edit, self.delete):
            row.addWidget(button)
        for widget in (self.hosts_title, self.empty, self.hosts):
            layout.addWidget(widget)
        layout.addLayout(row)
        return frame

    def _emit(self, signal: object) -> None:
        item = self.hosts.currentItem()
        if item is not None:
            signal.emit(item.text())  # type: ignore[attr-defined]

    def _select(self) -> None:
        chosen = self.hosts.currentItem() is not None
        self.empty.setVisible(not self._names)
        for button in (self.connect_button, self.edit, self.delete):
            button.setEnabled(chosen)
