"""The style sheet: Fusion's controls with our tokens. Written as a template; `{{` is a literal brace."""

from __future__ import annotations

SHEET = """
QFrame#card {{ background: {surface}; border: 1px solid {line}; border-radius: 8px; }}
QFrame#raised {{ background: {raised}; border: 1px solid {line}; border-radius: 8px; }}
QFrame#header {{ background: {surface}; border: none; border-bottom: 1px solid {line}; }}
QFrame#footer {{ background: {surface}; border: none; border-top: 1px solid {line}; }}
QLabel#title {{ font-size: 20pt; font-weight: 600; }}
QLabel#section {{ font-size: 12pt; font-weight: 600; }}
QLabel#brand {{ font-size: 12pt; font-weight: 700; }}
QLabel#quiet {{ color: {quiet}; }}
QLabel#good {{ color: {good}; }} QLabel#warn {{ color: {warn}; }} QLabel#bad {{ color: {bad}; }}
QLabel#accent {{ color: {accent}; }}
QLabel#badge {{ background: {warn_back}; color: {warn}; border: 1px solid {warn}; border-radius: 9px;
  padding: 1px 9px; font-weight: 600; }}
QFrame#goodBanner {{ background: {good_back}; border: 1px solid {good}; border-radius: 8px; }}
QFrame#warnBanner {{ background: {warn_back}; border: 1px solid {warn}; border-radius: 8px; }}
QFrame#badBanner {{ background: {bad_back}; border: 1px solid {bad}; border-radius: 8px; }}

QPushButton {{ padding: 6px 14px; border: 1px solid {control}; border-radius: 6px;
  background: {surface}; color: {text}; }}
QPushButton:hover {{ background: {raised}; border-color: {accent}; }}
QPushButton:checked {{ border-color: {accent}; color: {accent}; }}
QPushButton:disabled {{ color: {quiet}; background: {window}; border-color: {line}; }}
QPushButton#primary {{ background: {accent}; color: {accent_text}; border-color: {accent}; font-weight: 600; }}
QPushButton#primary:hover {{ border-color: {text}; }}
QPushButton#primary:disabled {{ background: {window}; color: {quiet}; border-color: {line}; }}
QPushButton#danger {{ background: {bad}; color: {surface}; border-color: {bad}; font-weight: 600; }}
QPushButton#danger:hover {{ border-color: {text}; }}
QPushButton#flat {{ border-color: transparent; background: transparent; color: {quiet}; }}
QPushButton#flat:hover {{ border-color: {control}; color: {text}; }}
QPushButton:focus, QPushButton#primary:focus, QPushButton#danger:focus, QPushButton#flat:focus
  {{ border: 2px solid {focus}; padding: 5px 13px; }}
QToolButton {{ padding: 4px 8px; border: 2px solid transparent; border-radius: 6px; color: {text}; }}
QToolButton:hover {{ background: {raised}; }}
QToolButton:focus {{ border-color: {focus}; }}

QLineEdit, QComboBox, QSpinBox {{ padding: 4px 8px; border: 1px solid {control}; border-radius: 6px;
  background: {surface}; color: {text}; min-height: 20px; selection-background-color: {accent}; }}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus {{ border: 2px solid {focus}; padding: 3px 7px; }}
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QLineEdit[readOnly="true"]
  {{ color: {quiet}; background: {window}; border-color: {line}; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url({down}); width: 14px; height: 14px; }}
QComboBox QAbstractItemView {{ background: {surface}; color: {text}; border: 1px solid {control};
  selection-background-color: {accent}; selection-color: {accent_text}; padding: 2px; }}
QSpinBox::up-button, QSpinBox::down-button {{ border: none; background: transparent; width: 20px; }}
QSpinBox::up-arrow {{ image: url({up}); width: 12px; height: 12px; }}
QSpinBox::down-arrow {{ image: url({down}); width: 12px; height: 12px; }}
QCheckBox {{ spacing: 8px; padding: 3px; border: 2px solid transparent; border-radius: 6px; }}
QCheckBox:focus {{ border-color: {focus}; }}
QCheckBox::indicator {{ width: 16px; height: 16px; border: 2px solid {control};
  border-radius: 4px; background: {surface}; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; image: url({check}); }}

QListWidget#rail {{ background: {window}; border: none; outline: none; }}
QScrollArea {{ border: none; }}
QTableView, QTextBrowser, QPlainTextEdit, QListWidget {{ background: {surface}; outline: none;
  border: 1px solid {line}; border-radius: 6px; }}
QTextBrowser:focus, QPlainTextEdit:focus, QTableView:focus, QListWidget:focus {{ border-color: {focus}; }}
QListWidget::item {{ padding: 6px 8px; border-radius: 5px; }}
QListWidget::item:selected {{ background: {accent}; color: {accent_text}; }}
QPlainTextEdit#code {{ background: {raised}; }}
QProgressBar {{ border: none; border-radius: 3px; background: {line}; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QSplitter::handle {{ background: {line}; }}
QSplitter::handle:horizontal {{ width: 1px; }} QSplitter::handle:vertical {{ height: 1px; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {control}; padding: 3px; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {control}; border-radius: 3px; margin: 3px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }} QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {quiet}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
