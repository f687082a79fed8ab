// Package archive carries the functions of a deployment in the program: the zip that
// Lambda runs, for arm64. make builds it before the program.
package archive

import (
	"embed"

	"github.com/lilo-live/lilo/internal/fault"
)

//go:embed functions.*
var files embed.FS

// Name is the name of the file of the archive in this package's folder.
const Name = "functions.zip"

// Functions returns the archive. It is a fault of kind Tool if the program was built
// without make.
func Functions() ([]byte, error) {
	text, err := files.ReadFile(Name)
	if err != nil {
		return nil, fault.New(fault.Tool, "this lilo was built without the functions that run on AWS: use a released lilo, or build it with make build in a checkout of LILO")
	}
	return text, nil
}
