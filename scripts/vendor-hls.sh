#!/bin/sh
# Fetches hls.js, the player of the console's preview, in the version named
# here, checks what came against its checksum, and puts the light build and its
# licence where they are embedded. Run it to change the version; the build never does.
set -eu

version=1.7.4
sha512='3GlxGdPvT2YHvQYOt+yOzT/DEior/qJVNIylHA77kgeoBTdQQqi70GwefNEUmHQeNGyjC8U62+bruqW/Tpm+tg=='

to=$(cd "$(dirname "$0")/.." && pwd)/internal/server/console/page/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm pack --silent "hls.js@$version" >/dev/null
got=$(openssl dgst -sha512 -binary "hls.js-$version.tgz" | base64 | tr -d '\n')
if [ "$got" != "$sha512" ]; then
	echo "hls.js $version is not what it was: sha512 $got, want $sha512" >&2
	exit 1
fi
tar xzf "hls.js-$version.tgz"
# The map of the source is not embedded; a browser would ask for it in vain.
grep -v '^//# sourceMappingURL=' package/dist/hls.light.min.mjs >"$to/hls.light.min.mjs"
{
	echo "hls.js $version, light build, from npm (sha512 $sha512)."
	echo
	cat package/LICENSE
} >"$to/hls.LICENSE.txt"
