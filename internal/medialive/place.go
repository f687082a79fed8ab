package medialive

import (
	"fmt"
	"strings"
)

// notes is what reading a document has found out about its members.
type notes struct {
	// settled has the paths of members, or of all below them, that need no more mention.
	settled    map[string]bool
	unhonoured []Unsupported
}

// place is where reading stands in a document.
type place struct {
	*notes
	path string
}

// at goes down by members and list positions.
func (p place) at(steps ...any) place {
	for _, s := range steps {
		p.path += "/" + fmt.Sprint(s)
	}
	return p
}

// use says that these members are honoured, or make no difference.
func (p place) use(members ...string) {
	for _, m := range members {
		p.settled[p.path+"/"+m] = true
	}
}

// accept says so of a member, if that is true of its value.
func (p place) accept(member string, honoured bool) {
	if honoured {
		p.use(member)
	}
}

// note tells of a member that is played otherwise than it says.
func (p place) note(format string, args ...any) {
	p.unhonoured = append(p.unhonoured, Unsupported{Path: p.path, Text: fmt.Sprintf(format, args...)})
}

// refuse says of everything from here down that it is not played as it says, and why.
func (p place) refuse(format string, args ...any) {
	if p.settled[p.path] {
		return
	}
	p.settled[p.path] = true
	p.note(format, args...)
}

// last returns the member that a path leads to, the list for a position in one.
func last(path string) string {
	steps := strings.Split(path, "/")
	for i := len(steps) - 1; i > 0; i-- {
		if strings.Trim(steps[i], "0123456789") != "" {
			return steps[i]
		}
	}
	return ""
}
