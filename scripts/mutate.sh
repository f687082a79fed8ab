#!/bin/sh
# Changes the core packages in one place at a time, and fails if the tests notice less than
# nine in ten changes (docs/explanation/testing.md).
set -eu
go build -o bin/mutate ./scripts/mutate
mutate() { bin/mutate "$@"; }

for package in ${*:-loop mpegts playout server/auth server/store source server server/service}; do
	echo "$package"
	case $package in
	server/store) # The contract, and the store of one file.
		mutate ./internal/server/store
		mutate -tests ./internal/server/store,./internal/server/store/bolt ./internal/server/store/bolt ;;
	source) # What fences paths, hosts and answers.
		mutate -files '^(cachedread|file|http|memory|netrc|options|publicaddress|source)' ./internal/source ;;
	server) # What fences clients.
		mutate -files '^(access|connections|guard)' ./internal/server ;;
	server/service) # Which sources are allowed.
		mutate -files '^sources' ./internal/server/service ;;
	*) mutate "./internal/$package" ;;
	esac
done
