package server

import "github.com/lilo-live/lilo/internal/setting"

// schemaURL is where the JSON Schema of a server's configuration is published.
const schemaURL = "https://raw.githubusercontent.com/lilo-live/lilo/main/docs/schema/serve.json"

// Schema returns the JSON Schema of a server's configuration.
func Schema() ([]byte, error) { return setting.SchemaText(schemaURL, "A server of LILO", YAML()) }

// Init returns a server's configuration with every setting commented out.
func Init() string {
	return setting.Init(schemaURL, `A server and its channels: lilo serve --config FILE. Remove the # before a line to
change what it says.`, YAML())
}
