#!/bin/sh
# The Debian packages the kiosk and its tests need: installed when root, named when not.
set -eu
packages="ffmpeg libasound2-plugins libegl1 libfontconfig1 libdbus-1-3 libgl1 libportaudio2 libxkbcommon0 pulseaudio pulseaudio-utils"
# What Qt needs to open a window on X; a desktop has it, a bare kiosk has not.
packages="$packages libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-xkb1 libxkbcommon-x11-0"
# What lets torch start without CUDA's libraries where there is no NVIDIA GPU (tools/without_cuda.py).
[ -e /proc/driver/nvidia ] || packages="$packages binutils gcc"
# The other sides of the tests: a broker, a browser that is steered, a keyring.
packages="$packages chromium chromium-driver mosquitto dbus-daemon gnome-keyring"
# A TPM in software, and what seals to it and measures into it (systemd-creds is systemd's own).
packages="$packages swtpm tpm2-tools libtss2-tcti-swtpm0"
# What shows the calls of a program, and makes the library that fails them.
packages="$packages strace gcc libc6-dev"
command -v dpkg-query >/dev/null 2>&1 || exit 0
missing=""
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "kiosk: missing Debian packages; please run: sudo apt-get install$missing" >&2
  exit 0
fi
echo "Installing Debian packages:$missing"
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
