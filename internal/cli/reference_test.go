package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/channel"
)

// TestReference holds docs/cli.md against the commands' own help.
func TestReference(t *testing.T) {
	p := New(&bytes.Buffer{}, &bytes.Buffer{}, func(string) string { return "" })
	var b strings.Builder
	b.WriteString("# Commands\n\nMade from the commands' own help by `make docs`. [errors.md](errors.md) has the exit codes.\n")
	root := p.root()
	for _, cmd := range with(root) {
		var help bytes.Buffer
		cmd.SetOut(&help)
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n## %s\n\n```text\n%s```\n", cmd.CommandPath(), trimLines(help.String()))
	}
	b.WriteString(yamlReference)
	b.WriteString(blockReference())
	golden(t, "../../docs/cli.md", b.String())
}

// with lists a command and all below it.
func with(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		all = append(all, with(c)...)
	}
	return all
}

// blockReference lists the keys of the blocks of a YAML.
func blockReference() string {
	var b strings.Builder
	b.WriteString("\n## The transport stream\n\n`--m2ts` takes `key=value,…`; in YAML the same keys stand in a block of that name. " +
		"What is left out is\nas MediaLive has it ([medialive.md](medialive.md)). PIDs may be written in hexadecimal (`0x1e1`), times as durations (`35ms`).\n\n" +
		"| key | values |\n|---|---|\n")
	for _, k := range channel.M2TSKeys() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", k.Key, k.Values)
	}
	b.WriteString("\n## A deployment\n\nThe `aws` block of the YAML says what `lilo deploy` needs besides; `lilo run` takes the same file and has no use\n" +
		"for it. Each key has an environment variable and a flag of `lilo deploy`. The file is read first, then the\nenvironment, then the flags; the later wins.\n\n" +
		"| key | variable | meaning | left out |\n|---|---|---|---|\n")
	for _, s := range channel.DeploySettings() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", s.Key, s.Variable(), s.Usage, s.Default)
	}
	return b.String()
}

const yamlReference = `
## A channel in YAML

` + "`--config FILE`" + ` reads the settings of a channel from YAML. The keys are the names of the flags, and
` + "`source`" + `; the values are written as on the command line; flags win over the file. A path in it is
relative to the folder that the command runs in.

` + "```yaml" + `
source: movie.mp4
name: News
to:
  - rtp://239.1.1.1:5000?ttl=4&iface=eth0
  - udp://192.0.2.7:6000
muxrate: 6.5M
epoch: 2026-01-31T20:00:00Z
pacing: 4ms
for: 1h30m
m2ts:
  programNum: 7
  audioPids: [482, 490]
aws:
  region: eu-west-1
  ttl: 8h
  fec: {includeFec: COLUMN, columnDepth: 10, rowLength: 10}
` + "```" + `

## Destinations

| part | meaning | when left out |
|---|---|---|
| ` + "`rtp://` or `udp://`" + ` | RTP (RFC 2250, payload type 33), or the bare transport stream | it is needed |
| address, port | an IP address, unicast or multicast, or a name; an IPv6 address stands in brackets | they are needed |
| ` + "`ttl=`" + ` | time to live or hop limit, 1 to 255 | the system's |
| ` + "`iface=`" + ` | the interface that multicast leaves by | the system's |
| ` + "`pkt=`" + ` | transport packets a datagram, 1 to 7 | 7 |
`
