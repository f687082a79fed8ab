#!/bin/sh
# Runs every fuzz target of the tree for the time given, one after the other:
# go test takes one target a run.
set -eu
time=${1:-10s}
go list ./... | while read -r package; do
	go test -list '^Fuzz' "$package" | grep '^Fuzz' | while read -r target; do
		echo "$package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package"
	done || exit 1
done
