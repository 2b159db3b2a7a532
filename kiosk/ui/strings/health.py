"""The words of the health page; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from kiosk.ui.strings.visitor import mark

HEALTH = mark("Kiosk", "Health")

PICTURE = mark("Kiosk", "Picture and sound")
SOURCE_RATE = mark("Kiosk", "Camera")
TAKEN_RATE = mark("Kiosk", "Analysed")
DROPPED = mark("Kiosk", "Skipped")
DROPPED_VALUE = mark("Kiosk", "{dropped} of {all}")
LOST_SOUND = mark("Kiosk", "Sound missed")
NOTHING_LOST = mark("Kiosk", "none")
LOST_SOUND_VALUE = mark("Kiosk", "{seconds} s: the machine was too busy to hear it in time")
LOUDNESS = mark("Kiosk", "Loudness")
SOUND_DELAY = mark("Kiosk", "Sound after the picture")
SOUND_DELAY_VALUE = mark("Kiosk", "{ms} ms, by {visits} visits")
RATE_VALUE = mark("Kiosk", "{rate} pictures a second")
WAITING = mark("Kiosk", "nothing yet")

STEPS = mark("Kiosk", "How long each step takes")
STEP_VALUE = mark("Kiosk", "{usual} ms, seldom over {most} ms")
STEP_NAMES = {
    "face_find": mark("Kiosk", "Find the face"),
    "face_embed": mark("Kiosk", "Describe the face"),
    "voice_hear": mark("Kiosk", "Hear speech"),
    "voice_embed": mark("Kiosk", "Describe the voice"),
    "decision": mark("Kiosk", "Decide"),
}
STEPS_HELP = mark("Kiosk", "The usual time, and the one that only 1 in 20 exceeds.")

MACHINE = mark("Kiosk", "Machine")
RUNNING = mark("Kiosk", "Running for")
VISITS_SEEN = mark("Kiosk", "Visits decided")
MEMORY = mark("Kiosk", "Memory of the kiosk")
MEMORY_VALUE = mark("Kiosk", "{used} of {total}")
PROCESSOR = mark("Kiosk", "Processor")
PROCESSOR_VALUE = mark("Kiosk", "{name}, {threads} threads")
GPU = mark("Kiosk", "Graphics card")
NO_GPU = mark("Kiosk", "none; the processor does the work")
TEMPERATURE = mark("Kiosk", "Temperature")
UNKNOWN_VALUE = mark("Kiosk", "not known here")
DISK = mark("Kiosk", "Free on the disk")
HOURS = mark("Kiosk", "{hours} h {minutes} min")

KNOWN = mark("Kiosk", "Who is recognised, and by which model")
KNOWN_BY = {
    "face": mark("Kiosk", "By the face"),
    "voice": mark("Kiosk", "By the voice"),
}
KNOWN_ALL = mark("Kiosk", "all {all}, by {model}")
KNOWN_SOME = mark("Kiosk", "{count} of {all} by {model}")
KNOWN_OLDER = mark("Kiosk", "{count} still by {model}")
KNOWN_LOST = mark("Kiosk", "{count} not at all: the model they were enrolled with is missing")
KNOWN_NOBODY = mark("Kiosk", "nobody is enrolled yet")
UPGRADES = {
    "running": mark("Kiosk", "carried over at their next visits"),
    "paused": mark("Kiosk", "carrying over is paused"),
}
KNOWN_HELP = mark("Kiosk", "kiosk gallery upgrade carries everybody over to the newest model.")

CHANNELS = mark("Kiosk", "Events out")
CHANNEL_NAMES = {
    "webhook": mark("Kiosk", "Webhook"),
    "mqtt": mark("Kiosk", "MQTT broker"),
    "command": mark("Kiosk", "Command"),
    "journal": mark("Kiosk", "System journal"),
}
CHANNEL_VALUE = mark("Kiosk", "{delivered} sent, {waiting} waiting")
CHANNEL_GIVEN_UP = mark("Kiosk", "{count} given up")
CHANNELS_HELP = mark("Kiosk", "kiosk events list shows what was given up; retry sends it again.")
DELIVERY_PROBLEMS = {
    "unreachable": mark("Kiosk", "the other side cannot be reached"),
    "timeout": mark("Kiosk", "the other side takes too long"),
    "untrusted": mark("Kiosk", "the certificate of the other side does not hold"),
    "denied": mark("Kiosk", "the other side does not let us in"),
    "answered": mark("Kiosk", "the other side answers with error {detail}"),
    "ended": mark("Kiosk", "the command ends with exit code {detail}"),
    "absent": mark("Kiosk", "there is no such program or journal here"),
}

FAULTS_TITLE = mark("Kiosk", "Last faults")
NO_FAULTS = mark("Kiosk", "None since the kiosk was started.")
LOG_TITLE = mark("Kiosk", "Errors in the log")
LOG_COUNTS = mark("Kiosk", "By part of the program: {counts}")
NO_LOGGED = mark("Kiosk", "None in its newest part.")
FAULT_OVER = mark("Kiosk", "works again")

BUNDLE = mark("Kiosk", "Write diagnostics")
BUNDLE_HELP = mark(
    "Kiosk", "For whoever repairs the kiosk. It holds no names, pictures, sounds or templates."
)
BUNDLE_DONE = mark("Kiosk", "Diagnostics are written")

POWER = mark("Kiosk", "Restart or shut down")
RESTART_KIOSK = mark("Kiosk", "Restart the kiosk")
RESTART_MACHINE = mark("Kiosk", "Restart the machine")
SHUT_DOWN = mark("Kiosk", "Shut down the machine")
POWER_TITLES = {
    "kiosk": mark("Kiosk", "Restart the kiosk?"),
    "restart": mark("Kiosk", "Restart the machine?"),
    "shut_down": mark("Kiosk", "Shut down the machine?"),
}
POWER_TEXTS = {
    "kiosk": mark("Kiosk", "For some seconds nobody is recognised."),
    "restart": mark("Kiosk", "For some minutes nobody is recognised."),
    "shut_down": mark("Kiosk", "Nobody is recognised until somebody switches the machine on."),
}
POWER_MISSING = {
    "denied": mark("Kiosk", "The machine does not let this account restart it or shut it down."),
    "absent": mark("Kiosk", "This machine has no service for it (systemd-logind)."),
}
