package stacks

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/aws/template"
	"github.com/lilo-live/lilo/internal/channel"
)

// TestKeyOfAnotherRegion checks that the source is decrypted where it is: by S3 in the
// region of its key.
func TestKeyOfAnotherRegion(t *testing.T) {
	s := channel.Default()
	s.Source, s.To = "s3://films/a.mp4", []channel.Destination{{Scheme: "rtp", Host: "203.0.113.7", Port: 5000}}
	s.AWS.SourceKey = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	core, err := New(s, Files{Functions: template.File{Path: "functions.zip", Hash: "f"}})
	if err != nil {
		t.Fatal(err)
	}
	written, err := core.Write()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, one := range written {
		all.Write(one.Text)
	}
	if text := all.String(); !strings.Contains(text, "s3.us-east-1.${AWS::URLSuffix}") || strings.Contains(text, "s3.${AWS::Region}") {
		t.Error("the key cannot be used in us-east-1")
	}
}
