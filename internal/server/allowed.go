package server

import "strings"

// sourceTexts says, a sentence each, what sources may be.
func (o *Options) sourceTexts() []string {
	var all []string
	if len(o.AllowFiles) > 0 {
		all = append(all, "Files in "+strings.Join(o.AllowFiles, ", ")+".")
	} else {
		all = append(all, "No files of this machine: --allow-files names a folder of them.")
	}
	if len(o.AllowHosts) > 0 {
		return append(all, "URLs of "+strings.Join(o.AllowHosts, ", ")+".")
	}
	if o.AllowPrivate || o.open() {
		return append(all, "URLs of any https://, http:// or s3:// server.")
	}
	return append(all, "URLs of public https://, http:// and s3:// servers.")
}
