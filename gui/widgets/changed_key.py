"""The host shows another key than the known one: both side by side, and no way past but a deliberate one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from gui.language import Language
from gui.style.theme import mono_font
from gui.widgets.basic import card, column, label
from guide.errors import AppError
from guide.events import Failed


class ChangedKeyPanel(QFrame):
    """`forget_wanted`: the person wants the old key forgotten, so that the new one is asked about on next contact."""

    forget_wanted = Signal()

    def __init__(self, error: AppError, language: Language) -> None:
        super().__init__()
        self.setObjectName("badBanner")
        text = language.catalogue.error(Failed.of(error))
        layout = column(self, margin=14, spacing=8)
        layout.addWidget(label(f"✗ {text.what}", "section"))
        layout.addWidget(label(text.means))
        keys = QHBoxLayout()
        keys.setSpacing(12)
        for title, shown in (
            (self.tr("The key that you know"), error.params["pinned"]),
            (self.tr("The key that answers now"), error.params["shown"]),
        ):
            frame, inside = card()
            inside.addWidget(label(title, "quiet"))
            fingerprint = label(_broken(shown), selectable=True)
            fingerprint.setFont(mono_font(10.5))
            inside.addWidget(fingerprint)
            keys.addWidget(frame, 1)
        layout.addLayout(keys)
        layout.addWidget(label(f"→ {text.do}"))
        self.forget = QPushButton(self.tr("The host was set up anew: forget the old key…"))
        self.forget.setAccessibleName(self.forget.text())
        self.forget.clicked.connect(self.forget_wanted)
        row = QHBoxLayout()
        row.addWidget(self.forget)
        row.addStretch(1)
        layout.addLayout(row)


def _broken(fingerprint: str) -> str:
    """In two lines, so that two of them can be compared place by place."""
    half = len(fingerprint) // 2
    return f"{fingerprint[:half]}\n{fingerprint[half:]}"
