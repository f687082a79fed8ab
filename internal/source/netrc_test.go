package source

import "testing"

func TestNetrc(t *testing.T) {
	for _, c := range []struct{ name, text, host, user, password string }{
		{"one line", "machine host login me password secret", "host", "me", "secret"},
		{"several lines", "machine host\n\tlogin me\n\tpassword secret\n", "host", "me", "secret"},
		{"the case of a host", "machine HOST login me password secret", "host", "me", "secret"},
		{"the second machine", "machine a login x password y\nmachine host login me password secret", "host", "me", "secret"},
		{"the first of two", "machine host login me password secret machine host login b password c", "host", "me", "secret"},
		{"the default", "machine a login x password y default login me password secret", "host", "me", "secret"},
		{"before the default", "machine host login me password secret default login x password y", "host", "me", "secret"},
		{"none", "machine a login x password y", "host", "", ""},
		{"empty", "", "host", "", ""},
		{"an account", "machine host login me account x password secret", "host", "me", "secret"},
		{"a comment", "# machine host login no password no\nmachine host login me password secret # more", "host", "me", "secret"},
		{"a hash in a password", "machine host login me password #secret", "host", "me", "#secret"},
		{"a password in quotes", `machine host login me password "a \"b\" c"`, "host", "me", `a "b" c`},
		{"a macro", "machine a login x password y\nmacdef init\nmachine host login no\n\nmachine host login me password secret", "host", "me", "secret"},
		{"cut after a word", "machine host login", "host", "", ""},
		{"cut in quotes", `machine host login me password "sec`, "host", "me", "sec"},
	} {
		if l := parseNetrc(c.text, c.host); l.user != c.user || l.password != c.password {
			t.Errorf("%s: %q", c.name, l)
		}
	}
}

func FuzzNetrc(f *testing.F) {
	f.Add("machine host login me password \"a b\"\nmacdef x\ny\n\ndefault login x", "host")
	f.Add("# x\nmachine \"", "x")
	f.Fuzz(func(t *testing.T, text, host string) {
		if l := parseNetrc(text, host); len(l.user)+len(l.password) > len(text) || l.user == "" && l.password != "" {
			t.Errorf("%q", l)
		}
	})
}
