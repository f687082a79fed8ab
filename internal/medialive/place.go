package medialive

import (
	"fmt"
	"strings"
)

// notes collects what is found out about the members of a document.
type notes struct {
	// done has the paths of members that need no report, nor anything below them.
	done  map[string]bool
	found []Unsupported
}

// place is a position in a document, and where to note what is found there.
type place struct {
	*notes
	path string
}

// top returns the place of a whole document, with nothing found.
func top() place { return place{&notes{done: make(map[string]bool)}, ""} }

// at returns the place that member names and list positions lead to.
func (p place) at(steps ...any) place {
	for _, s := range steps {
		p.path += "/" + fmt.Sprint(s)
	}
	return p
}

// handled marks members that are honoured or make no difference.
func (p place) handled(members ...string) {
	for _, m := range members {
		p.done[p.path+"/"+m] = true
	}
}

// handledIf marks a member if its value is honoured.
func (p place) handledIf(member string, honoured bool) {
	if honoured {
		p.handled(member)
	}
}

// report notes that the member is not played as it says or, in a check, what is
// wrong with it.
func (p place) report(format string, args ...any) {
	p.found = append(p.found, Unsupported{Path: p.path, Text: fmt.Sprintf(format, args...)})
}

// unsupported reports the member, once, for everything below it.
func (p place) unsupported(format string, args ...any) {
	if !p.done[p.path] {
		p.done[p.path] = true
		p.report(format, args...)
	}
}

// last returns the last member name of a path, without list positions.
func last(path string) string {
	path = strings.TrimRight(path, "0123456789/")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// ElementPath returns a path as MediaLive writes it in a 422:
// outputGroups[0].outputs[1].outputName for /encoderSettings/outputGroups/0/outputs/1/outputName.
func ElementPath(path string) string {
	var text strings.Builder
	for step := range strings.SplitSeq(strings.TrimPrefix(strings.TrimPrefix(path, "/"), "encoderSettings/"), "/") {
		switch {
		case step != "" && strings.Trim(step, "0123456789") == "":
			text.WriteString("[" + step + "]")
		case text.Len() > 0:
			text.WriteString("." + step)
		default:
			text.WriteString(step)
		}
	}
	return text.String()
}
