#!/bin/sh
# Sees to what only make e2e needs: Python, Node.js and Rust for the emulator, the
# CDK's command line and MediaLive's SDKs (which the tests themselves install from
# their registries), version 2 of the AWS command line, qemu to run functions of
# another processor, Prometheus, ip for a network of the test's own, systemd to check its units. Installs what is missing
# when it may; otherwise says what to install and fails.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }

# rust succeeds if cargo is as new as the SDK wants it.
rust() {
	oldest=$(sed -n 's/^rust-version = "1\.\([0-9]*\).*/\1/p' "$(dirname "$0")/../test/e2e/clients/rust/Cargo.toml")
	is=$(cargo --version 2>/dev/null | sed -n 's/^cargo 1\.\([0-9]*\).*/\1/p')
	[ -n "$is" ] && [ "$is" -ge "$oldest" ]
}

# aws2 succeeds if an aws on the PATH is of version 2.
aws2() {
	IFS=:
	for dir in $PATH; do
		case $("$dir/aws" --version 2>/dev/null) in aws-cli/2*) return 0 ;; esac
	done
	return 1
}

missing() {
	for tool in python3 node npm ip systemd-analyze prometheus promtool; do
		have "$tool" || echo "$tool"
	done
	python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || echo "python3-venv"
	rust || echo "cargo"
	(aws2) || echo "awscli"
	case $(uname -m) in
	aarch64 | arm64) ;;
	*) have qemu-aarch64-static || echo "qemu-aarch64-static" ;;
	esac
}

wanted=$(missing)
[ -n "$wanted" ] || exit 0
packages='python3 python3-venv nodejs npm cargo-web rustc-web awscli iproute2 qemu-user-static systemd prometheus'
echo "the tests of make e2e need: $(echo "$wanted" | tr '\n' ' ')" >&2

if ! have apt-get; then
	echo "install Python 3 with venv, Node 20 with npm, Rust, version 2 of the AWS command line, iproute2, qemu-user-static, systemd and Prometheus, then run this again" >&2
	exit 1
fi
if [ "$(id -u)" = 0 ]; then sudo=""
elif have sudo && sudo -n true 2>/dev/null; then sudo="sudo"
else
	echo "they can be installed with: sudo apt-get install -y --no-install-recommends $packages" >&2
	exit 1
fi
# What is there already, from wherever, stays as it is.
if rust; then packages=$(echo "$packages" | sed 's/cargo-web rustc-web//'); fi
if (aws2); then packages=$(echo "$packages" | sed 's/awscli//'); fi
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
