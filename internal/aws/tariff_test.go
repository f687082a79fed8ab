package aws

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
)

// product is a product as the Price List API has it.
func product(usageType, unit, usd string) string {
	return fmt.Sprintf(`{"product":{"productFamily":"Transcode minute","attributes":{"regionCode":"ap-southeast-2","usagetype":%q,"servicecode":"AWSElementalMediaLive"},"sku":"S"},
		"serviceCode":"AWSElementalMediaLive","version":"20261120","publicationDate":"2026-11-20T16:44:51Z",
		"terms":{"OnDemand":{"S.JRTCKXETXF":{"priceDimensions":{"S.JRTCKXETXF.6YS6EN2CT7":{"unit":%q,"endRange":"Inf","pricePerUnit":{"USD":%q}}}}}}}`, usageType, unit, usd)
}

// list serves the Price List API, two products a page.
type list struct {
	products []string
	status   int // of an error, 0 for none
	asked    int
}

func (l *list) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.asked++
	if l.status != 0 {
		w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
		w.WriteHeader(l.status)
		return
	}
	from := (l.asked - 1) * 2
	to := min(from+2, len(l.products))
	quoted := make([]string, 0, 2)
	for _, p := range l.products[from:to] {
		quoted = append(quoted, fmt.Sprintf("%q", p))
	}
	next := ""
	if to < len(l.products) {
		next = `,"NextToken":"more"`
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	text := strings.NewReplacer(`\n`, ` `, `\t`, ` `).Replace(strings.Join(quoted, ","))
	fmt.Fprintf(w, `{"FormatVersion":"aws_v1","PriceList":[%s]%s}`, text, next)
}

// priced returns an account in Sydney that reads the prices of a list.
func priced(t *testing.T, l *list) *Account {
	t.Helper()
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	return &Account{Region: "ap-southeast-2", Prices: pricing.New(pricing.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})}
}

func TestPriceList(t *testing.T) {
	l := &list{products: []string{
		product("EML1-APS2-IN-AVC-HD-L10", "Hrs", "1"), product("EML1-APS2-IN-AVC-HD-L20", "Hrs", "2"), product("EML1-APS2-IN-AVC-HD-L50", "Hrs", "3"),
		product("EML1-APS2-IN-MPEG2-SD-L10", "Hrs", "4"), product("EML1-APS2-IN-HEVC-UHD-L50", "Hrs", "5"),
		product("EML1-APS2-OUT-AVC-HD-L10-30-S", "Hrs", "10"), product("EML1-APS2-OUT-AVC-HD-L10-60-S", "Hrs", "20"), product("EML1-APS2-OUT-AVC-SD-L10-30-S", "Hrs", "30"),
		product("EML1-APS2-OUT-HEVC-HD-30-S", "Hrs", "40"), product("EML1-APS2-OUT-HEVC-UHD-60", "Hrs", "50"), product("EML1-APS2-OUT-AVC-UHD-L50-60-S", "Hrs", "60"),
		product("EML2-APS2-OUT-AVC-HD-L10-30-S", "Hrs", "70"), product("EML2-APS2-IN-AVC-HD-L10", "Hrs", "8"),
		// Reserved, of enhanced quality, by the minute, without a price, and others.
		product("EML1-APS2-OUT-AVC-HD-L10-30-S-R", "Hrs", "0.1"), product("EML1-APS2-OUT-AVC-HD-30-E", "Hrs", "0.2"), product("EML1-APS2-OUT-AVC-HD-L10-30-S", "Minutes", "0.3"),
		product("EML1-APS2-IN-AVC-HD-L10", "Hrs", "0"), product("EMLA-APS2-HEVC-UHD", "Hrs", "0.4"), product("EML1-APS2-OUT-DOLBY", "Hrs", "0.5"), "[", "{}",
	}}
	a := priced(t, l)
	in := StreamUsage{Codec: "AVC", Resolution: "HD", BitRate: 10_000_000}
	out := StreamUsage{Codec: "AVC", Resolution: "HD", BitRate: 10_000_000, Rate: 25}
	with := func(s StreamUsage, change func(*StreamUsage)) StreamUsage {
		change(&s)
		return s
	}
	for _, c := range []struct {
		name string
		u    Usage
		hour float64 // 0 where the list does not have it
	}{
		{"HD", Usage{Input: in, Outputs: []StreamUsage{out}}, 11},
		{"two pipelines", Usage{Standard: true, Input: in, Outputs: []StreamUsage{out}}, 78},
		{"20 Mb/s in", Usage{Input: with(in, func(s *StreamUsage) { s.BitRate = 20_000_000 }), Outputs: []StreamUsage{out}}, 12},
		{"50 Mb/s in", Usage{Input: with(in, func(s *StreamUsage) { s.BitRate = 50_000_000 }), Outputs: []StreamUsage{out}}, 13},
		{"MPEG-2 in SD in", Usage{Input: StreamUsage{"MPEG2", "SD", 10_000_000, 0}, Outputs: []StreamUsage{out}}, 14},
		{"HEVC in UHD in", Usage{Input: StreamUsage{"HEVC", "UHD", 20_000_000, 0}, Outputs: []StreamUsage{out}}, 15},
		{"29.97 fps", Usage{Input: in, Outputs: []StreamUsage{with(out, func(s *StreamUsage) { s.Rate = 30000. / 1001 })}}, 11},
		{"50 fps", Usage{Input: in, Outputs: []StreamUsage{with(out, func(s *StreamUsage) { s.Rate = 50 })}}, 21},
		{"SD out", Usage{Input: in, Outputs: []StreamUsage{with(out, func(s *StreamUsage) { s.Resolution = "SD" })}}, 31},
		{"HEVC in HD", Usage{Input: in, Outputs: []StreamUsage{{"HEVC", "HD", 40_000_000, 25}}}, 41},
		{"HEVC in UHD", Usage{Input: in, Outputs: []StreamUsage{{"HEVC", "UHD", 40_000_000, 50}}}, 51},
		{"AVC in UHD", Usage{Input: in, Outputs: []StreamUsage{{"AVC", "UHD", 50_000_000, 60}}}, 61},
		{"two outputs", Usage{Input: in, Outputs: []StreamUsage{out, out}}, 21},
		{"AVC above 10 Mb/s", Usage{Input: in, Outputs: []StreamUsage{with(out, func(s *StreamUsage) { s.BitRate = 20_000_000 })}}, 0},
		{"a frame rate that is not known", Usage{Input: in, Outputs: []StreamUsage{with(out, func(s *StreamUsage) { s.Rate = 0 })}}, 0},
		{"MPEG-2 out", Usage{Input: in, Outputs: []StreamUsage{{"MPEG2", "SD", 0, 25}}}, 0},
	} {
		p, otherwise := a.Price(t.Context(), c.u)
		switch {
		case c.hour == 0 && (p != nil || !strings.HasPrefix(otherwise, "AWS's price list (ap-southeast-2, published 2026-11-20) has no price for output ")):
			t.Errorf("%s: %+v, %q", c.name, p, otherwise)
		case c.hour != 0 && (p == nil || p.Hour != c.hour || p.Source != "AWS's price list (ap-southeast-2, published 2026-11-20)"):
			t.Errorf("%s: %+v, %q, want %g", c.name, p, otherwise, c.hour)
		}
	}
	if pages := (len(l.products) + 1) / 2; l.asked != pages {
		t.Errorf("%d pages are read, want %d", l.asked, pages)
	}
}

// TestPriceListThatCannotBeRead checks that the table takes its place where it has the
// region, and that nothing is guessed where it has not.
func TestPriceListThatCannotBeRead(t *testing.T) {
	hd := StreamUsage{Codec: "AVC", Resolution: "HD", BitRate: 10_000_000, Rate: 25}
	usage := Usage{Input: hd, Outputs: []StreamUsage{hd}}
	for _, c := range []struct {
		list *list
		want string
	}{
		{&list{status: http.StatusForbidden}, "LILO's own list (us-east-1 alone, 2026-09-18) has no price for input HD AVC up to 10 Mb/s, and this identity may not read AWS's (pricing:GetProducts)"},
		{&list{}, "LILO's own list (us-east-1 alone, 2026-09-18) has no price for input HD AVC up to 10 Mb/s"},
	} {
		a := priced(t, c.list)
		for range 2 {
			if p, otherwise := a.Price(t.Context(), usage); p != nil || otherwise != c.want {
				t.Errorf("%+v, %q", p, otherwise)
			}
		}
		if c.list.asked != 1 {
			t.Errorf("asked %d times", c.list.asked)
		}
		a = &Account{Region: "us-east-1", Prices: a.Prices}
		if p, otherwise := a.Price(t.Context(), usage); p == nil || p.Hour != 0.5616 || !strings.Contains(p.Source, "2026-09-18") {
			t.Errorf("%+v, %q", p, otherwise)
		}
	}
	a := priced(t, &list{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, otherwise := a.Price(ctx, usage); !strings.Contains(otherwise, "and AWS's cannot be read: ") {
		t.Error(otherwise)
	}
}

func FuzzTariff(f *testing.F) {
	f.Add(product("EML1-APS2-OUT-AVC-HD-L10-30-S", "Hrs", "10"))
	f.Fuzz(func(t *testing.T, text string) {
		if one, day, ok := tariffOf(text); ok && (one.hour <= 0 || one.maxBitRate < 0 || len(day) > 10) {
			t.Errorf("%+v of %s", one, day)
		}
	})
}
