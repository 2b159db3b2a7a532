"""Pictures and sound from the outside: files, folders, streams, webcam and microphone.

Everything arrives as a `kiosk.ports.Source`; `kiosk.capture.sources.open_source` chooses one.
"""
