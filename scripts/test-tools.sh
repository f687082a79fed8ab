#!/bin/sh
# Installs the clients of the end-to-end tests: ffmpeg, GStreamer with the plugins
# that receive, demultiplex and decode a transport stream, Chromium, and the AWS
# command line in a version that knows AWS_ENDPOINT_URL_MEDIALIVE (1.29 or 2.13;
# Debian 12's is older: use pipx install awscli there).
# Without the rights to install, it says what to install and fails.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }

# missing prints what the tests would not find, one name a line.
missing() {
	for tool in ffmpeg ffprobe gst-launch-1.0 gst-inspect-1.0 aws; do
		have "$tool" || echo "$tool"
	done
	have chromium || have chromium-browser || have google-chrome || echo chromium
	have gst-inspect-1.0 || return 0
	# One element of each plugin set: base, good, good, bad, bad, libav, libav.
	for element in audioconvert udpsrc rtpmp2tdepay tsdemux h264parse avdec_h264 avdec_aac; do
		gst-inspect-1.0 --exists "$element" || echo "GStreamer's $element"
	done
}

debian='ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav chromium awscli'
fedora='ffmpeg-free gstreamer1 gstreamer1-plugins-base gstreamer1-plugins-good gstreamer1-plugins-bad-free gstreamer1-plugin-libav chromium awscli2'
arch='ffmpeg gstreamer gst-plugins-base gst-plugins-good gst-plugins-bad gst-libav chromium aws-cli-v2'
suse='ffmpeg gstreamer gstreamer-utils gstreamer-plugins-base gstreamer-plugins-good gstreamer-plugins-bad gstreamer-plugins-libav chromium aws-cli'
alpine='ffmpeg gstreamer-tools gst-plugins-base gst-plugins-good gst-plugins-bad gst-libav chromium aws-cli'

# recipe prints the command that installs them here, nothing when none is known.
recipe() {
	if have apt-get; then echo "apt-get install -y --no-install-recommends $debian"
	elif have dnf; then echo "dnf install -y $fedora"
	elif have pacman; then echo "pacman -S --needed --noconfirm $arch"
	elif have zypper; then echo "zypper --non-interactive install $suse"
	elif have apk; then echo "apk add $alpine"
	elif have brew; then echo "brew install ffmpeg gstreamer awscli"
	fi
}

# root prints the prefix that runs a command as root, or fails when there is none without asking.
root() {
	if [ "$(id -u)" = 0 ]; then echo ""
	elif have sudo && sudo -n true 2>/dev/null; then echo "sudo"
	else return 1
	fi
}

wanted=$(missing)
[ -n "$wanted" ] || exit 0
echo "the end-to-end tests need: $(echo "$wanted" | tr '\n' ',' | sed 's/,$//; s/,/, /g')" >&2

command=$(recipe)
if [ -z "$command" ]; then
	echo "install ffmpeg, the GStreamer tools and its plugins base, good, bad and libav, Chromium and the AWS command line, then run this again" >&2
	exit 1
fi
case $command in
brew*) sudo="" ;; # Homebrew refuses to run as root.
*)
	if ! sudo=$(root); then
		echo "they can be installed with: sudo $command" >&2
		exit 1
	fi
	;;
esac

echo "installing them: $sudo $command" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if have apt-get; then $sudo apt-get update >"$log" 2>&1 || { cat "$log" >&2; exit 1; }; fi
# The command is a list of words without blanks in them.
# shellcheck disable=SC2086
$sudo $command >"$log" 2>&1 || { cat "$log" >&2; exit 1; }

wanted=$(missing)
if [ -n "$wanted" ]; then
	echo "still missing after that: $wanted" >&2
	exit 1
fi
