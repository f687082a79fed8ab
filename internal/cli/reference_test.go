package cli

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/server"
	"github.com/lilo-live/lilo/internal/setting"
)

// TestReference holds docs/reference/cli.md against the commands' own help.
func TestReference(t *testing.T) {
	p := New(&bytes.Buffer{}, &bytes.Buffer{}, func(string) string { return "" })
	var b strings.Builder
	b.WriteString("# Commands\n\nMade from the commands' own help by `make docs`. [errors.md](errors.md) has the exit codes.\n")
	root := newRootCommand(p)
	blanks := regexp.MustCompile("(?m) +$")
	for _, cmd := range with(root) {
		var help bytes.Buffer
		cmd.SetOut(&help)
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n## %s\n\n```text\n%s```\n", cmd.CommandPath(), blanks.ReplaceAllString(help.String(), ""))
	}
	b.WriteString(yamlReference)
	golden(t, "../../docs/reference/cli.md", b.String())
}

// with lists a command and all below it.
func with(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		all = append(all, with(c)...)
	}
	return all
}

// TestSettingsReference holds docs/reference/settings.md against the tables of settings.
func TestSettingsReference(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Settings

Made from the tables of settings by ` + "`make docs`" + `. [cli.md](cli.md) has the commands.

A file is read first, then the environment, then the flags; the later wins. Values are written alike in all three.
A list is written in YAML as a list, in a variable with blanks between its values, and as a flag that is repeated.
` + "`lilo run`, `render`, `probe`" + ` and ` + "`deploy`" + `, the other commands about a deployment and the CDK app read these variables; ` + "`lilo serve`" + `
does not.
A flag has the name of the key, with hyphens: ` + "`--auto-start` for `autoStart`" + `.
`)
	settingsTable(&b, "A channel", "Keys of `lilo.yaml` (`lilo run`, `render`, `deploy`, …) and of each channel in `serve.yaml`. "+
		"A path is relative to the folder that the\ncommand runs in.", true, channel.Settings())
	settingsTable(&b, "A destination", "Options of a URL: `rtp://239.1.1.1:5000?ttl=4&iface=eth0`. [Destinations](destinations.md) says what they do on the network.", false, channel.DestinationOptions())
	settingsTable(&b, "The transport stream", "`--m2ts` takes `key=value,…`; in YAML the same keys stand in a block `m2ts`. The words are those of MediaLive's\n"+
		"M2tsSettings ([medialive.md](medialive.md)). PIDs may be hexadecimal (`0x1e1`), times durations (`35ms`).", false, m2ts.Fields())
	settingsTable(&b, "Encoding", "`--encode` takes a preset (avc, hevc, mpeg2, lilo) and `key=value,…`, where `video.` may be left out; in YAML a block `encode`\n"+
		"has `preset`, and the keys in blocks `video` and `audio` ([encoding.md](../explanation/encoding.md)).", false, channel.EncodeFields())
	settingsTable(&b, "A deployment", "Keys of the block `aws`: what `lilo deploy` needs besides. `lilo run` takes the same file and ignores it.", true, channel.DeploySettings())
	settingsTable(&b, "Forward error correction", "Keys of the block `fec`, or of `--fec` as `key=value,…`. Columns go to the port two above the stream's, rows four above.", false, channel.FECFields())
	settingsTable(&b, "A server", "Keys of `serve.yaml` and flags of `lilo serve`, which reads no variables. `channels` is a list of channels.", false, server.Settings())
	golden(t, "../../docs/reference/settings.md", b.String())
}

// settingsTable writes a table of settings, with their environment variables if they have any.
func settingsTable[S any](b *strings.Builder, title, text string, variables bool, settings []setting.Field[S]) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n| key | values | default | meaning |\n|---|---|---|---|\n", title, text)
	for _, s := range settings {
		def := s.Default
		if s.OnAWS != "" {
			def += "; on AWS " + s.OnAWS
		}
		name := "`" + s.Key + "`"
		if variables {
			name += ", `" + s.Variable() + "`"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", name, s.Values, def, s.Usage)
	}
}

const yamlReference = `
## A channel in YAML

` + "`--config FILE`" + ` reads the settings of a channel from YAML. The keys are the names of the flags, and
` + "`source`" + `; the values are written as on the command line; flags win over the file. A path in it is
relative to the folder that the command runs in. [settings.md](settings.md) has all keys.

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
fec: {includeFec: COLUMN, columnDepth: 10, rowLength: 10}
aws:
  region: eu-west-1
  ttl: 8h
` + "```" + `

## Destinations

| part | meaning | when left out |
|---|---|---|
| ` + "`rtp://` or `udp://`" + ` | RTP (RFC 2250, payload type 33), or the bare transport stream | it is needed |
| address, port | an IP address, unicast or multicast, or a name; an IPv6 address stands in brackets | they are needed |
| options, behind ` + "`?`" + ` | [settings.md](settings.md#a-destination) | their defaults |
`
