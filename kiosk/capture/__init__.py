"""Pictures and sound from the outside: files, folders, streams, webcam and microphone.

Everything arrives as a `kiosk.core.ports.capture.Source`; `open_source` chooses one.
"""
