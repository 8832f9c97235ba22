"""Every dialog of the interface, by one import."""

from workbench.tui.screens.export_dialog import ExportDialog
from workbench.tui.screens.prompts import Choice, ChoiceDialog, ConfirmDialog, Dialog, QuitDialog, TextDialog

__all__ = ["Choice", "ChoiceDialog", "ConfirmDialog", "Dialog", "ExportDialog", "QuitDialog", "TextDialog"]
