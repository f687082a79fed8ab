package mp4

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
)

func withEntry(t *trackSpec, entry []byte) *trackSpec { t.entry = entry; return t }

func TestForms(t *testing.T) {
	for name, c := range map[string]struct {
		track *trackSpec
		want  codec
	}{
		"14496-15 avc1":               {video(5), codecAVC},
		"14496-15 avc3":               {withEntry(video(5), visual("avc3", isobmff.Box("avcC", []byte("x")))), codecAVC},
		"14496-15 hvc1":               {withEntry(video(5), visual("hvc1", isobmff.Box("hvcC", []byte("x")))), codecHEVC},
		"14496-15 hev1":               {withEntry(video(5), visual("hev1", isobmff.Box("hvcC", []byte("x")))), codecHEVC},
		"Dolby Vision dvh1":           {withEntry(video(5), visual("dvh1", isobmff.Box("hvcC", []byte("x")), isobmff.Box("dvcC", zeros(24)))), codecHEVC},
		"Dolby Vision dvav":           {withEntry(video(5), visual("dvav", isobmff.Box("avcC", []byte("x")))), codecAVC},
		"14496-1 0x61 MPEG-2 video":   {withEntry(video(5), visual("mp4v", esds(0x61, []byte("x")))), codecMPEG2},
		"14496-1 0x6a MPEG-1 video":   {withEntry(video(5), visual("mp4v", esds(0x6a, nil))), codecMPEG2},
		"QuickTime XDCAM":             {withEntry(video(5), visual("xdvb")), codecMPEG2},
		"14496-1 0x40 AAC":            {sound(5), codecAAC},
		"14496-1 0x67 MPEG-2 AAC":     {withEntry(sound(5), audible("mp4a", esds(0x67, []byte("x")))), codecAAC},
		"14496-1 0x69 MPEG-2 audio":   {withEntry(sound(5), audible("mp4a", esds(0x69, nil))), codecMPA},
		"14496-1 0x6b MPEG-1 audio":   {withEntry(sound(5), audible("mp4a", esds(0x6b, nil))), codecMPA},
		"QuickTime .mp3":              {withEntry(sound(5), audible(".mp3")), codecMPA},
		"TS 102 366 ac-3":             {withEntry(sound(5), audible("ac-3", isobmff.Box("dac3", zeros(3)))), codecAC3},
		"TS 102 366 ec-3":             {withEntry(sound(5), audible("ec-3", isobmff.Box("dec3", zeros(5)))), codecEAC3},
		"QuickTime version 1, wave":   {withEntry(sound(5), quickTime(1, 16)), codecAAC},
		"QuickTime version 2, wave":   {withEntry(sound(5), quickTime(2, 36)), codecAAC},
		"14496-12 12.2.3 version 1":   {with(withEntry(sound(5), quickTime(1, 0)), stsd1), codecAAC},
		"QuickTime wave, no esds":     {withEntry(sound(5), quickTime(0, 0)), codecAAC},
		"14496-1 8.3.3 one-byte size": {withEntry(sound(5), audible("mp4a", shortESDS())), codecAAC},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustOpen(t, &movieSpec{tracks: []*trackSpec{c.track}}).Asset
			tracks := a.Audio
			if a.Video != nil {
				tracks = append(tracks, a.Video)
			}
			if got := tracks[0].Coding.(fake).codec; got != c.want {
				t.Errorf("codec %d, want %d", got, c.want)
			}
		})
	}
}

// quickTime writes a sound description of that version with its esds in a wave box.
func quickTime(version, extra int) []byte {
	wave := isobmff.Box("wave", isobmff.Box("frma", []byte("mp4a")), isobmff.Box("mp4a", zeros(4)), esds(0x40, []byte("x")), zeros(4), []byte("left"))
	return isobmff.Box("mp4a", zeros(6), isobmff.Uint16(1, version), zeros(18+extra), wave)
}

// stsd1 makes the track's stsd one of version 1, in which entries of version 1 have no more fields.
func stsd1(t *trackSpec) {
	t.patch = func(kind string, b []byte) []byte {
		if kind == "stsd" {
			b[8] = 1
		}
		return b
	}
}

func shortESDS() []byte {
	config := append(append([]byte{0x40}, zeros(12)...), 5, 2, 0x11, 0x90)
	stream := append([]byte{0, 1, 0xe0, 0, 9, 3, 'u', 'r', 'l', 0, 2, 4, byte(len(config))}, config...)
	return isobmff.FullBox("esds", 0, 0, append([]byte{3, byte(len(stream))}, stream...))
}

func TestCannotBeCarried(t *testing.T) {
	scheme := isobmff.Box("sinf", isobmff.Box("frma", []byte("avc1")), isobmff.FullBox("schm", 0, 0, []byte("cbcs"), isobmff.Uint32(0x10000)))
	for name, c := range map[string]struct {
		track *trackSpec
		want  string
	}{
		"AV1":            {withEntry(video(5), visual("av01")), "video track 1 is AV1, which LILO cannot put into a transport stream: --encode avc would turn it into H.264"},
		"VP9":            {withEntry(video(5), visual("vp09")), "is VP9"},
		"ProRes":         {withEntry(video(5), visual("apch")), "is Apple ProRes"},
		"JPEG":           {withEntry(video(5), visual("mp4v", esds(0x6c, []byte("x")))), "is JPEG"},
		"Motion JPEG":    {withEntry(video(5), visual("mjpg")), "is Motion JPEG"},
		"unknown":        {withEntry(video(5), visual("abcd")), `is "abcd"`},
		"PCM":            {withEntry(sound(5), audible("sowt")), "track 1 (PCM) is left out: it is PCM, which LILO cannot put into a transport stream: --encode avc would turn it into AAC"},
		"FLAC":           {withEntry(sound(5), audible("fLaC")), "is FLAC"},
		"ALAC":           {withEntry(sound(5), audible("alac")), "is Apple Lossless"},
		"encrypted":      {withEntry(video(5), visual("encv", isobmff.Box("avcC", []byte("x")), scheme)), "is encrypted (scheme cbcs)"},
		"encrypted, how": {withEntry(sound(5), audible("enca")), "is encrypted (enca)"},
		"no avcC":        {withEntry(video(5), visual("avc1")), "has no avcC box"},
		"no esds":        {withEntry(sound(5), audible("mp4a")), "has no esds box"},
		"in a wrong one": {withEntry(sound(5), audible("avc1", isobmff.Box("avcC", []byte("x")))), "track 1 (H.264) is left out: it is H.264 in a track of handler soun"},
		"another file":   {with(video(5), func(t *trackSpec) { t.external = true }), "has its samples in another file"},
		"empty":          {sound(0), "has no samples"},
		"text":           {&trackSpec{handler: "text", entry: isobmff.Box("tx3g"), timescale: 1000, language: "und"}, "neither a video nor an audio track"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, (&movieSpec{tracks: []*trackSpec{c.track}}).build(), c.want)
		})
	}
}

func TestChoice(t *testing.T) {
	disabled := func(t *trackSpec) { t.disabled = true }
	cover := withEntry(video(1), visual("mp4v", esds(0x6c, nil)))
	for name, c := range map[string]struct {
		tracks []*trackSpec
		video  uint32
		audio  []uint32
		notes  []string
	}{
		"sound first":            {[]*trackSpec{sound(5), video(5), sound(5)}, 2, []uint32{1, 3}, nil},
		"two pictures":           {[]*trackSpec{video(5), video(5)}, 1, nil, []string{"track 2 (H.264) is left out: it is a second picture; track 1 is played"}},
		"the second is enabled":  {[]*trackSpec{with(video(5), disabled), video(5)}, 2, nil, []string{"track 1"}},
		"none is enabled":        {[]*trackSpec{with(video(5), disabled), with(video(5), disabled)}, 1, nil, []string{"track 2"}},
		"the first is AV1":       {[]*trackSpec{withEntry(video(5), visual("av01")), video(5)}, 2, nil, []string{"track 1 (AV1) is left out"}},
		"cover art":              {[]*trackSpec{sound(5), cover}, 0, []uint32{1}, []string{"track 2 (cover art) is left out: a channel carries moving pictures and sound"}},
		"sound that is disabled": {[]*trackSpec{video(5), with(sound(5), disabled)}, 1, []uint32{2}, nil},
		"FLAC beside":            {[]*trackSpec{video(5), withEntry(sound(5), audible("fLaC")), sound(5)}, 1, []uint32{3}, []string{"track 2 (FLAC) is left out"}},
		"empty beside":           {[]*trackSpec{video(5), sound(0)}, 1, nil, []string{"track 2 (AAC) is left out: it has no samples"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustOpen(t, &movieSpec{tracks: c.tracks}).Asset
			if got := a.Video; c.video == 0 && got != nil || c.video != 0 && (got == nil || got.ID != c.video) {
				t.Errorf("video %v, want track %d", got, c.video)
			}
			if len(a.Audio) != len(c.audio) || len(a.Notes) != len(c.notes) {
				t.Fatalf("%d audio tracks, notes %q", len(a.Audio), a.Notes)
			}
			for i, id := range c.audio {
				if a.Audio[i].ID != id {
					t.Errorf("audio %d is track %d, want %d", i, a.Audio[i].ID, id)
				}
			}
			for i, n := range c.notes {
				if !strings.HasPrefix(a.Notes[i].Text, n) {
					t.Errorf("note %q, want %q", a.Notes[i], n)
				}
			}
		})
	}
}

func TestLanguages(t *testing.T) {
	for name, c := range map[string]struct{ packed, elng, want string }{
		"8.4.2.3 packed":            {"deu", "", "deu"},
		"8.4.2.3 not set":           {"und", "", "und"},
		"8.4.2.3 zero":              {"```", "", "und"},
		"8.4.2.3 no letters":        {"a{{", "", "und"},
		"8.4.6 elng":                {"und", "pt-BR", "por"},
		"8.4.6 elng, three letters": {"und", "gsw-CH", "gsw"},
		"8.4.6 mdhd says it too":    {"fra", "en", "fra"},
		"8.4.6 elng unknown":        {"und", "xx", "und"},
		"8.4.6 elng no tag":         {"und", "1234", "und"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sound(3)
			s.language, s.elng = c.packed, c.elng
			if got := mustOpen(t, &movieSpec{tracks: []*trackSpec{s}}).Asset.Audio[0].Language; got != c.want {
				t.Errorf("language %q, want %q", got, c.want)
			}
		})
	}
	if got := unpackLanguage(2); got != "deu" {
		t.Errorf("QuickTime language 2 is %q, want deu", got)
	}
	for code, want := range map[string]string{"fr": "fra", "fra": "fra", "en": "eng", "de": "deu", "zh": "zho", "zz": "und", "": "und"} {
		if got := LanguageCode(code); got != want {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
}
