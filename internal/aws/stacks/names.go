package stacks

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
)

// names derives the names of resources from that of the deployment.
type names struct {
	prefix, hash string
}

// hashLength is how many digits of the hash are in a name: enough to tell an
// account's deployments apart.
const hashLength = 8

// namesOf returns the names of a deployment. The hash tells apart what looks the
// same when joined (a-b and c, a and b-c).
func namesOf(a channel.AWS) names {
	a = a.Filled()
	sum := sha256.Sum256([]byte(strings.Join([]string{a.Project, a.Customer, a.Stack, a.Region}, "\x00")))
	return names{a.Prefix(), hex.EncodeToString(sum[:])[:hashLength]}
}

// of returns the name of a resource, at most 64 bytes: the limit of IAM, Lambda
// and EventBridge.
func (n names) of(what string) string {
	const most = 64
	end := "-" + n.hash + "-" + what
	if over := len(n.prefix) + len(end) - most; over > 0 {
		return strings.TrimRight(n.prefix[:len(n.prefix)-over], "-") + end
	}
	return n.prefix + end
}

// path returns the name of a parameter or log group.
func (n names) path(what string) string { return "/lilo/" + n.prefix + "-" + n.hash + "/" + what }

// ARNs of resources with known names, which policies can name before they exist.

func (n names) queueARN() props { return arnOf("sqs", n.of("dead-letters")) }

func (n names) ruleARN(what string) props { return arnOf("events", "rule/"+n.of(what)) }

func (n names) parameterARN(p string) props { return arnOf("ssm", "parameter"+n.path(p)) }

func (n names) lifecycle() LifecycleNames {
	return LifecycleNames{Function: n.of("lifecycle"), Machine: n.of("lifecycle"), Parameter: n.path("channel")}
}
