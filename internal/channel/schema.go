package channel

import "github.com/lilo-live/lilo/internal/setting"

// SchemaURL is where the JSON Schema of a channel's YAML is published.
const SchemaURL = "https://raw.githubusercontent.com/lilo-live/lilo/main/docs/schema/lilo.json"

// Schema returns the JSON Schema of a channel's YAML.
func Schema() ([]byte, error) { return setting.SchemaText(SchemaURL, "A channel of LILO", YAML()) }

// Init returns the YAML of a channel with every setting commented out.
func Init() string {
	return setting.Init(SchemaURL, `A channel: lilo run --config FILE plays it here, lilo deploy --config FILE puts it
on AWS. Remove the # before a line to change what it says.`, YAML())
}
