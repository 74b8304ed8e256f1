"""Choices of a step: small forms that give back changed `Choices`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFormLayout, QFrame, QWidget

from guide.choices import Choices

Edit = Callable[[Choices], Choices]


class ChoiceForm(QFrame):
    """Base of the forms. `edited` is called with a function that changes the choices."""

    def __init__(self, edited: Callable[[Edit], None]) -> None:
        super().__init__()
        self.setObjectName("card")
        self.edited = edited
        self.form = QFormLayout(self)
        self.form.setContentsMargins(14, 12, 14, 12)
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(8)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)

    def row(self, text: str, field: QWidget) -> None:
        """One line; the field gets the text as its accessible name."""
        field.setAccessibleName(text)
        self.form.addRow(text, field)
