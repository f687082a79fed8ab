package channel

import (
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/lilo-live/lilo/internal/setting"
)

// MaxName is the longest name in bytes: with LILO's own name as the provider
// it must fit the 255 bytes of a service_descriptor (ETSI EN 300 468, 6.2.33).
const MaxName = 200

// nameOf returns the file name of the source without its extension, as a service
// name can hold it.
func nameOf(source string) string {
	base := filepath.Base(source)
	if u, err := url.Parse(source); err == nil && u.Host != "" {
		base = path.Base(u.Path)
	}
	name := setting.Printable(strings.TrimSuffix(base, path.Ext(base)), MaxName)
	if strings.Trim(name, "./") == "" {
		return BundledName
	}
	return name
}
