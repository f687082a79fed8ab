package stacks

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
)

// names derives what things are called from what the deployment is called.
type names struct {
	prefix, hash string
}

// hashLength is how many digits of the hash are in a name: enough that no two
// of an account's deployments share them.
const hashLength = 8

// namesOf derives the names of a deployment. The hash tells parts apart that
// look the same when they are joined (a-b and c, a and b-c).
func namesOf(a channel.AWS) names {
	a = a.Filled()
	sum := sha256.Sum256([]byte(strings.Join([]string{a.Project, a.Customer, a.Stack, a.Region}, "\x00")))
	return names{a.Prefix(), hex.EncodeToString(sum[:])[:hashLength]}
}

// of returns the name of a thing, of 64 bytes at the most: what IAM, Lambda and
// EventBridge take.
func (n names) of(what string) string {
	const most = 64
	end := "-" + n.hash + "-" + what
	if over := len(n.prefix) + len(end) - most; over > 0 {
		return strings.TrimRight(n.prefix[:len(n.prefix)-over], "-") + end
	}
	return n.prefix + end
}

// path returns the name of a parameter or of a log group.
func (n names) path(what string) string { return "/lilo/" + n.prefix + "-" + n.hash + "/" + what }
