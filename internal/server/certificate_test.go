package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestOwnCertificate(t *testing.T) {
	now := time.Now()
	o := DefaultOptions()
	o.State, o.TLSSelf, o.Names = filepath.Join(t.TempDir(), "state"), true, []string{"lilo.example", "192.0.2.7"}
	first, err := o.certificate(now)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "lilo.example", "192.0.2.7"} {
		if err := first.Leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	cert, key := o.ownCertificateFiles()
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the key: %v, %v", info.Mode(), err)
	}
	if text, _ := os.ReadFile(cert); strings.Contains(string(text), "PRIVATE") {
		t.Error("the key is in the certificate's file")
	}
	last := fingerprint(first)
	if len(last) != 95 || strings.Count(last, ":") != 31 {
		t.Error(last)
	}
	cases := []struct {
		name   string
		change func(*Options)
		at     time.Time
		same   bool
	}{
		{"again", func(*Options) {}, now, true},
		{"a year later", func(*Options) {}, now.Add(ownLife - ownRenewal + time.Hour), false},
		{"after that", func(*Options) {}, now, false}, // The one in the file is from the future.
		{"of another name", func(o *Options) { o.Names = []string{"other.example"} }, now, false},
		{"damaged", func(o *Options) { _ = os.WriteFile(key, []byte("x"), 0o600) }, now, false},
	}
	for _, c := range cases {
		c.change(&o)
		got, err := o.certificate(c.at)
		if err != nil || (fingerprint(got) == last) != c.same {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		last = fingerprint(got)
	}
	o = Options{TLSCert: cert, TLSKey: filepath.Join(o.State, "none.pem")}
	if _, err := o.certificate(now); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "none.pem: no such file") {
		t.Error(err)
	}
	o.TLSKey = write(t, t.TempDir(), "key.pem", "x")
	if _, err := o.certificate(now); fault.KindOf(err) != fault.Usage || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
}

// TestCertificateIsRenewedWhileRunning lets a year pass.
func TestCertificateIsRenewedWhileRunning(t *testing.T) {
	s := newTestServer(t, true, func(o *Options) { o.TLSSelf = true })
	first := s.cert.Load()
	s.renewCertificate(time.Now().Add(ownLife - ownRenewal - 2*time.Hour))
	if s.cert.Load() != first {
		t.Error("it was renewed too soon")
	}
	later := time.Now().Add(ownLife - ownRenewal + time.Hour)
	s.renewCertificate(later)
	second := s.cert.Load()
	if second == first || second.Leaf.NotAfter.Before(later.Add(ownLife-time.Minute)) {
		t.Errorf("it ends %v, in a year's time", second.Leaf.NotAfter)
	}
	if again, err := s.opts.ownCertificate(later); err != nil || fingerprint(again) != fingerprint(second) {
		t.Errorf("the file holds another certificate: %v", err)
	}
	plain := newTestServer(t, true, nil)
	plain.renewCertificate(later) // There is none to renew.
	if plain.cert.Load() != nil {
		t.Error("a server without TLS got a certificate")
	}
}
