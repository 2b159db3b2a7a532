"""The words of choosing files; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from kiosk.ui.strings.visitor import mark

PLACE = mark("Kiosk", "Where")
PLUGGED = mark("Kiosk", "Plugged in: {name}")
IMPORT_FOLDER = mark("Kiosk", "Folder of this kiosk")
UP = mark("Kiosk", "Folder above")
FOLDER = mark("Kiosk", "Folder {name}")
FILE_NAME = mark("Kiosk", "Name of the file")
TAKE_FILES = mark("Kiosk", "Take these files")
TAKE_FILE = mark("Kiosk", "Take this file")
TAKE_FOLDER = mark("Kiosk", "Take this whole folder")
REPLACE = mark("Kiosk", "Replace it")
REPLACES = mark("Kiosk", "A file of this name is there already.")
BAD_NAME = mark("Kiosk", "A file cannot have this name.")
EMPTY = mark("Kiosk", "There is nothing here.")
EMPTY_UNPLUGGED = mark("Kiosk", "There is nothing here. Plug in a USB stick, then look again.")
GONE = mark("Kiosk", "This folder cannot be read. It may have been unplugged.")
