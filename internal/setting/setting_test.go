package setting

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// box is a struct with a setting of each kind.
type box struct {
	Text   string
	Word   string
	Number int
	On     bool
	Time   time.Duration
	Short  time.Duration
	List   []string
	Lid    lid
	Handle *lid
}

type lid struct {
	Width int
	Names string
}

func fields() []Field[box] {
	lids := []Field[lid]{
		Of(Row{Key: "width", Usage: "how wide", Default: "4"}, Number(1, 9), func(l *lid) *int { return &l.Width }),
		Of(Row{Key: "names", Usage: "how called", Default: "none", Example: "a"}, String("NAMES", nil), func(l *lid) *string { return &l.Names }),
	}
	return []Field[box]{
		Of(Row{Key: "text", Usage: "a text", Default: "none", Example: "x"}, String("TEXT", nil), func(b *box) *string { return &b.Text }),
		Of(Row{Key: "word", Usage: "a word", Default: "ONE"}, Word("ONE", "TWO"), func(b *box) *string { return &b.Word }),
		Of(Row{Key: "number", Usage: "a number", Default: "0"}, Number(-1, 9), func(b *box) *int { return &b.Number }),
		Of(Row{Key: "turnedOn", Usage: "a switch", Default: "false"}, Bool(), func(b *box) *bool { return &b.On }),
		Of(Row{Key: "time", Usage: "a time", Default: "1s"}, Duration(time.Second, time.Hour), func(b *box) *time.Duration { return &b.Time }),
		Of(Row{Key: "ms", Usage: "some time", Default: "20ms"}, Milliseconds(10, 100), func(b *box) *time.Duration { return &b.Short }),
		ListOf(Row{Key: "list", Usage: "texts", Default: "none", Example: "x"}, String("TEXT", nil), nil, func(b *box) *[]string { return &b.List }),
		InGroup(Row{Key: "lid", Usage: "its lid", Default: "none"}, Group[lid]{Fields: lids}, func(b *box) *lid { return &b.Lid }),
		InOptional(Row{Key: "handle", Usage: "another", Default: "none"}, Group[lid]{Fields: lids, None: "none"}, func(b *box) **lid { return &b.Handle }),
	}
}

// TestYAMLIsWrittenAsItIsRead has texts that YAML would take for something else.
func TestYAMLIsWrittenAsItIsRead(t *testing.T) {
	for _, text := range []string{"", "x", "null", "Null", "~", "on", "1.50", "0x10", "# no", "a: b", "- a", "[a]", "&a", "*a", "!a", "é", "a\nb\n", " a ", "'", `"`, "%", "{", "@x", "`"} {
		want := box{
			Text: text, Word: "TWO", Number: 5, On: true, Time: 90 * time.Second, Short: 20 * time.Millisecond, List: []string{text, "x"},
			Lid: lid{Width: 3, Names: "a,b"}, Handle: &lid{Width: 4},
		}
		written, err := WriteYAML(fields(), &want)
		if err != nil {
			t.Fatal(err)
		}
		var got box
		if err := ReadYAML(strings.NewReader(string(written)), fields(), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q is read as %+v (%v), want %+v:\n%s", text, got, err, want, written)
		}
	}
	if written, err := WriteYAML(fields(), &box{}); err != nil || string(written) != "number: 0\nturnedOn: false\n" {
		t.Errorf("%s, %v", written, err)
	}
}

func TestFlagsAndVariablesHaveTheNameOfTheKey(t *testing.T) {
	f, err := Find(fields(), "turnedOn")
	if err != nil || f.Flag() != "turned-on" || f.Variable() != "LILO_TURNED_ON" || !f.IsSwitch() || f.Help() != "a switch (default false)" {
		t.Errorf("%s %s %v %s %v", f.Flag(), f.Variable(), f.IsSwitch(), f.Help(), err)
	}
	if _, err := Find(fields(), "on"); fault.KindOf(err) != fault.Usage || !strings.HasPrefix(err.Error(), `"on" is not known (text, word,`) {
		t.Error(err)
	}
	if _, err := Find(fields(), "turned-on"); fault.KindOf(err) != fault.Usage || err.Error() != `"turned-on" is not known: did you mean "turnedOn"?` {
		t.Error(err)
	}
}

func TestTheEnvironmentIsRead(t *testing.T) {
	env := map[string]string{"LILO_LIST": "a  b", "LILO_LID": "names=a,b,width=2", "LILO_HANDLE": "width=3", "LILO_TEXT": ""}
	got := box{Text: "kept", Lid: lid{Width: 1, Names: "x"}}
	if err := ReadEnv(fields(), &got, func(name string) string { return env[name] }); err != nil {
		t.Fatal(err)
	}
	want := box{Text: "kept", List: []string{"a", "b"}, Lid: lid{2, "a,b"}, Handle: &lid{Width: 3}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBadValues(t *testing.T) {
	for key, c := range map[string][2]string{
		"word":     {"three", `"three" is not one of ONE, TWO`},
		"number":   {"10", `"10" is not a number from -1 to 9`},
		"turnedOn": {"perhaps", `"perhaps" is neither true nor false`},
		"time":     {"2h", "it is 1s to 1h, not 2h"},
		"ms":       {"9", `"9" is not a whole number of milliseconds from 10 to 100`},
		"lid":      {"width", `"width": settings are written key=value`},
		"handle":   {"width=1,width=2", "width is given twice"},
	} {
		f, err := Find(fields(), key)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Set(new(box), c[0]); fault.KindOf(err) != fault.Usage || err.Error() != c[1] {
			t.Errorf("%s: %v, want %s", key, err, c[1])
		}
	}
	f, _ := Find(fields(), "lid")
	if err := f.Set(new(box), "=1"); err == nil || err.Error() != `"=1": settings are written key=value` {
		t.Error(err)
	}
	f, _ = Find(fields(), "text")
	if err := f.Set(new(box), "a", "b"); err == nil || err.Error() != "it takes one value, not 2" {
		t.Error(err)
	}
	if err := Check(fields(), &box{Number: 10}); err == nil || err.Error() != `number: "10" is not a number from -1 to 9` {
		t.Error(err)
	}
}

// TestADefaultIsAValue holds the defaults and examples of the table against what reads them.
func TestADefaultIsAValue(t *testing.T) {
	text := Init("https://schema.example/box.json", "A box.", fields())
	var got box
	if err := ReadYAML(strings.NewReader(text), fields(), &got); err != nil || !reflect.DeepEqual(got, box{}) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, want := range []string{
		"# yaml-language-server: $schema=https://schema.example/box.json\n", "\n# A box.\n", "\n# a switch (default false)\n#turnedOn: false\n",
		"\n#lid:\n#  width: 4  # how wide (default 4)\n#  names: a  # how called (default none)\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
