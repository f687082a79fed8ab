#!/bin/sh
# Sees to what the tests of a deployment need: Python and Node for the emulator
# and the CDK's command line (which the test itself installs from their
# registries), qemu to run functions of another processor, ip for a network of
# the test's own. Installs what is missing when it may; otherwise says what to
# install and fails.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }

missing() {
	for tool in python3 node npm ip; do
		have "$tool" || echo "$tool"
	done
	python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || echo "python3-venv"
	case $(uname -m) in
	aarch64 | arm64) ;;
	*) have qemu-aarch64-static || echo "qemu-aarch64-static" ;;
	esac
}

wanted=$(missing)
[ -n "$wanted" ] || exit 0
packages='python3 python3-venv nodejs npm iproute2 qemu-user-static'
echo "the tests of a deployment need: $(echo "$wanted" | tr '\n' ' ')" >&2

if ! have apt-get; then
	echo "install Python 3 with venv, Node 20 with npm, iproute2 and qemu-user-static, then run this again" >&2
	exit 1
fi
if [ "$(id -u)" = 0 ]; then sudo=""
elif have sudo && sudo -n true 2>/dev/null; then sudo="sudo"
else
	echo "they can be installed with: sudo apt-get install -y --no-install-recommends $packages" >&2
	exit 1
fi
# What is there already, from wherever, stays as it is.
for tool in node npm python3; do
	if have "$tool"; then
		case $tool in
		node) packages=$(echo "$packages" | sed 's/nodejs//') ;;
		npm) packages=$(echo "$packages" | sed 's/npm//') ;;
		esac
	fi
done
if have python3 && python3 -c 'import venv, ensurepip' >/dev/null 2>&1; then
	packages=$(echo "$packages" | sed 's/python3-venv//; s/python3 //')
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# A list of words without blanks in them.
# shellcheck disable=SC2086
{ $sudo apt-get update && $sudo apt-get install -y --no-install-recommends $packages; } >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
wanted=$(missing)
if [ -n "$wanted" ]; then
	echo "still missing after that: $wanted" >&2
	exit 1
fi
