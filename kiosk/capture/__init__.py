"""Pictures and sound from the outside: files, folders, streams, webcam and microphone.

Everything arrives as a `Source`; `open_source` chooses one.
"""

from kiosk.capture.sources import open_source

__all__ = ["open_source"]
