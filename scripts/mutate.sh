#!/bin/sh
# Changes the core packages in one place at a time, runs the tests of the package, and fails
# if they notice less than nine in ten changes (docs/explanation/testing.md).
set -eu
version=v0.6.0
GOBIN=$PWD/bin GOFLAGS= go install "github.com/go-gremlins/gremlins/cmd/gremlins@$version"

# A mutant needs no vet, and is dead after the first test that fails.
export GOFLAGS="-trimpath -short -vet=off -failfast"
mutate() {
	package=$1
	shift
	echo "$package"
	bin/gremlins unleash --threshold-efficacy 90 --output-statuses l "$@" "./internal/$package"
}

for package in ${*:-loop mpegts playout server/auth server/store source server service}; do
	case $package in
	source) # What fences paths, hosts and answers.
		mutate source -E '^(blocks|fetch|object|opener|remote|resume|s3|state|store|timing|transfer)' ;;
	server) # What fences clients: access.go, connections.go and guard.go.
		mutate server -E / -E '^[^acg]' -E '^(certificate|config|console)' ;;
	service) # Which sources are allowed: sources.go.
		mutate server/service -E '^([^s]|s[^o])' ;;
	*) mutate "$package" ;;
	esac
done
