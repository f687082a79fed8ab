package mp4

import (
	"bytes"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// versioned is a coding whose samples are a kind of picture and perhaps the version of
// the parameter sets that apply from there on, or a mark of damage.
type versioned struct {
	lettered
	version byte
}

func (v versioned) Damage(sample []byte) (d media.DamageError) {
	if sample[1] == '?' {
		d = media.DamageError{Units: 2, Text: "torn"}
	}
	return d
}

func (v versioned) HasSets(sample []byte) bool { return sample[1] >= '0' && sample[1] <= '9' }

func (v versioned) WithSets(sample []byte) (_ media.VideoCoding, other bool) {
	other = v.HasSets(sample) && v.version != sample[1]
	if other {
		v.version = sample[1]
	}
	return v, other
}

func (v versioned) AppendUnit(dst, _ []byte, _ media.Place) ([]byte, error) {
	return append(dst, v.version), nil
}

// TestSurvey checks which parameter sets each unit has: what is in band holds until it changes.
func TestSurvey(t *testing.T) {
	for _, c := range []struct {
		name, samples string
		want          string // the version that applies to each sample, empty if it may not change
		note          string
	}{
		{"none in band", "I. P. I. P.", "", ""},
		{"the same in band", "I0 P. I0 P. I. P.", "", ""},
		{"each with its own", "I1 P. I2 P. I1 P.", "", ""},
		{"once", "I. P. I1 P. I. P.", "001111", ""},
		{"once, at another picture", "I. P1 I. P.", "0111", ""},
		{"and back", "I. P. I1 P. I. I0 P. I.", "00111000", ""},
		{"the first one has them", "I1 P. I. P.", "1111", ""},
		{"damage", "I. P. P? I. P?", "", "video track 7: 4 NAL units that no decoder can use are left out, in sample 3 the first time, 2.000 s into the track (torn): get the file again or encode it (--encode avc)"},
	} {
		file, track := surveyed(c.samples, 2)
		a := &media.Asset{Video: track}
		if err := survey(file, a); err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(track.Changes) > 0 {
			for i := range track.Units {
				b, _ := track.Coding.AppendUnit(nil, nil, media.Place{Sample: i})
				got += string(b)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if note := notes(a); note != c.note {
			t.Errorf("%s: %q", c.name, note)
		}
	}
}

func surveyed(samples string, size int) (*fileReader, *media.Track) {
	track := &media.Track{ID: 7, Coding: versioned{version: '0'}, Timescale: 1, LastDuration: 1}
	var data []byte
	for i, s := range strings.Fields(samples) {
		track.Units = append(track.Units, media.NewAccessUnit(int64(len(data)), int64(i), 0, size, s[0] == 'I'))
		data = append(append(data, s...), make([]byte, size-2)...)
	}
	return newFileReader(bytes.NewReader(data), int64(len(data))), track
}

func notes(a *media.Asset) string {
	var all []string
	for _, n := range a.Notes {
		all = append(all, n.Text)
	}
	return strings.Join(all, "; ")
}

// TestSurveyReadsLittle checks that of a large file the random access points at the
// beginning are read, and some after it where parameter sets have changed.
func TestSurveyReadsLittle(t *testing.T) {
	rest := strings.Repeat("I. P. P. ", 100)
	for name, c := range map[string]struct {
		samples string
		reads   int
		changes int
	}{
		"without sets":                  {rest, 3, 0}, // A sample has 30 kB: three points are at the beginning.
		"a change":                      {"I. P. P. I1 P. " + rest, surveyPoints, 1},
		"two, one behind the beginning": {"I. P. P. I1 P. I. " + strings.Repeat("P. ", 30) + "I2 P. " + rest, surveyPoints, 2},
		"each with its own":             {strings.Repeat("I1 P. I2 P. ", 100), surveyPoints, 0},
		"other sets than in the entry":  {"I1 " + strings.Repeat("P. ", 30) + rest, surveyPoints, 1},
		"few points":                    {"I1 " + strings.Repeat("P. ", 30) + "I. P. I.", 3, 1},
		"a change without a sign of it": {rest + "I1 P. P. " + rest, 3, 0},
		"many near each other":          {strings.Repeat("I. ", 1000), 9, 0},
		"damage":                        {"I? " + rest, 4, 0},
		"a small file":                  {"I. P. I1 P. I.", 5, 1},
	} {
		file, track := surveyed(c.samples, 30_000)
		r := &reads{ReaderAt: file.r}
		a := &media.Asset{Video: track}
		if err := survey(newFileReader(r, file.size), a); err != nil {
			t.Fatal(err)
		}
		small := len(track.Units)*30_000 <= surveyBytes
		if r.calls != c.reads || !small && r.bytes > c.reads*surveyHead || len(track.Changes) != c.changes || len(a.Notes) > 0 {
			t.Errorf("%s: %d reads of %d bytes, %d changes, %s", name, r.calls, r.bytes, len(track.Changes), notes(a))
		}
	}
}

// Changes of the sample entry behind what is looked at stay.
func TestSurveyKeepsEntries(t *testing.T) {
	file, track := surveyed("I1 P. I. "+strings.Repeat("P. ", 30)+strings.Repeat("I. P. ", 2*surveyPoints), 30_000)
	last := len(track.Units) - 2
	track.Changes = []media.CodingChange{{Unit: last, Coding: versioned{version: '7'}}}
	track.Coding = following(track.Coding, track.Changes)
	if err := survey(file, &media.Asset{Video: track}); err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, i := range []int{0, 2, last - 1, last} {
		b, _ := track.Coding.AppendUnit(nil, nil, media.Place{Sample: i})
		got += string(b)
	}
	if got != "1117" || len(track.Changes) != 2 {
		t.Errorf("%s, %d changes", got, len(track.Changes))
	}
}

func (v versioned) BrokenLink(_, sample []byte) bool { return sample[1] == '!' }

// TestBrokenLinks counts the leading pictures that cannot be decoded, in a small file. Those at
// the beginning are the lap's.
func TestBrokenLinks(t *testing.T) {
	const text = " to pictures that were cut off (a broken link), the first one in sample 4, 3.000 s into the track: decoders leave them out or show them damaged, and --encode keeps what ffmpeg shows in their place"
	for name, c := range map[string]struct {
		samples, want string
		size          int
	}{
		"two":               {"I. P. I! P. P. P. P.", "2 leading pictures refer" + text, 2},
		"one":               {"I. P. I! P. D. P.", "1 leading picture refers" + text, 2},
		"at two links":      {"I. P. I! P. P. P. I! P. P.", "4 leading pictures refer" + text, 2},
		"none":              {"I. P. I. P. P. P. P.", "", 2},
		"at the beginning":  {"I! P. P. P. I. P. P.", "", 2},
		"before any point":  {"P. P. I! P. P. P. I.", "", 2},
		"a large file":      {"I. P. I! P. P. P. P.", "", surveyBytes / 4},
		"decodable leading": {"I. P. I! D. D. P.", "", 2},
	} {
		file, track := surveyed(c.samples, c.size)
		for i, u := range track.Units {
			if u.RandomAccess() { // It is shown behind the next two.
				track.Units[i] = media.NewAccessUnit(u.Offset, u.DTS, 3, u.Size(), true)
			}
		}
		a := &media.Asset{Video: track}
		if err := survey(file, a); err != nil {
			t.Fatal(err)
		}
		want := c.want
		if want != "" {
			want = "video track 7: " + want
		}
		if got := notes(a); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
