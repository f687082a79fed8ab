// Package medialive translates between the channel spec and the documents of
// AWS Elemental MediaLive, both ways, with the SDK's own types.
package medialive
