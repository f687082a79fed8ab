#!/bin/sh
# Deploys the channel of lilo.yaml, or takes it away:
#
#	scripts/run.sh -a deploy [flags of lilo deploy]
#	scripts/run.sh -a destroy [flags of lilo destroy]
#
# It asks nothing. It uses the lilo that LILO names; otherwise bin/lilo of this
# checkout, which it builds; without Go, the lilo that is installed. Without lilo.yaml in the working folder the LILO_… variables and
# the flags say everything.
set -eu

usage() {
	echo "usage: run.sh -a deploy|destroy [flags]" >&2
	exit 2
}

[ "${1:-}" = -a ] && [ $# -ge 2 ] || usage
action=$2
shift 2
case $action in
deploy | destroy) ;;
*) usage ;;
esac

if [ -n "${LILO:-}" ]; then
	:
elif ! command -v go >/dev/null || ! command -v make >/dev/null; then
	LILO=$(command -v lilo) || {
		echo "run.sh: there is no lilo, and no Go and make to build it with: install a release of lilo, or set LILO to the path of one" >&2
		exit 1
	}
else
	here=$(cd "$(dirname "$0")/.." && pwd)
	make -C "$here" --no-print-directory build
	LILO=$here/bin/lilo
fi
[ ! -f lilo.yaml ] || set -- --config lilo.yaml "$@"
exec "$LILO" "$action" --yes "$@"
