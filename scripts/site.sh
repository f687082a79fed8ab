#!/bin/sh
# The site of docs, of which a link or an anchor that leads nowhere is an error.
#
#	site.sh build             makes dist/site
#	site.sh publish VERSION   makes the site of a version on the branch gh-pages and pushes it;
#	                          the newest release is "stable"
set -eu
export NO_MKDOCS_2_WARNING=1
cd "$(dirname "$0")/.."
venv=dist/venv
if ! [ -x "$venv/bin/mike" ]; then
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check -r scripts/requirements.txt
fi
PATH="$PWD/$venv/bin:$PATH"
case ${1:-build} in
build) mkdocs build --strict >dist/site.log 2>&1 || { cat dist/site.log >&2; exit 1; } ;; # --quiet would hide what --strict counts.
publish)
	case $2 in
	v*) mike deploy --push --update-aliases "${2#v}" stable && mike set-default --push stable ;;
	*) mike deploy --push "$2" ;;
	esac
	;;
*) echo "site.sh build, or site.sh publish VERSION" >&2 && exit 2 ;;
esac
