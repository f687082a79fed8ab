package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/player"
)

// check checks everything that a deployment needs, and shows each result. It
// creates nothing.
func (r *deployRun) check(ctx context.Context) error {
	r.checkHere(ctx)
	if canceled(ctx) {
		return fault.New(fault.Internal, "interrupted: nothing was created")
	}
	account := r.account
	identity, c := account.CheckIdentity(ctx)
	r.identity = identity
	r.showCheck(c)
	if c.Result != aws.Failing { // Without credentials nothing else can be checked.
		c = account.CheckService(ctx)
		r.showCheck(c)
	}
	if c.Result == aws.Failing {
		return aws.CheckError(r.checks)
	}
	c = account.CheckBootstrap(ctx)
	r.needsBootstrap = c.Result == aws.Pending
	r.showCheck(c)
	if bucket := aws.Bucket(r.spec.Source); bucket != "" && r.encoding == nil {
		r.checkSource(ctx, func() aws.Check { return account.CheckBucket(ctx, bucket) })
	}
	c, creates := r.checkStack(ctx)
	r.showCheck(c)
	if creates {
		r.showCheck(account.CheckQuotas(ctx))
	}
	r.showCheck(account.CheckTrail(ctx))
	if ctx.Err() != nil {
		return fault.New(fault.Internal, "interrupted: nothing was created")
	}
	return aws.CheckError(r.checks)
}

// checkHere checks what needs no account: the settings, and the source unless it is
// an object of S3.
func (r *deployRun) checkHere(ctx context.Context) {
	r.showCheck(aws.CheckDestinations(r.spec)...)
	if aws.CheckError(r.checks) == nil { // Otherwise the same would be said twice.
		s := r.spec
		if r.encoding != nil {
			s.Source = "" // It will be a file.
		}
		r.showCheck(aws.CheckSettings(aws.Fit(s, aws.UsualMedia()))...)
	}
	if r.encoding != nil && !r.checkAndEncode(ctx) {
		return
	}
	if aws.Bucket(r.spec.Source) == "" {
		r.checkSource(ctx, func() aws.Check { return aws.CheckSource(r.spec.Source) })
	}
}

// checkAndEncode encodes the source on this machine if all checks permit it, and reports
// whether it did.
func (r *deployRun) checkAndEncode(ctx context.Context) bool {
	if aws.CheckError(r.checks) == nil {
		r.checkEncoded(ctx)
	}
	if aws.CheckError(r.checks) != nil {
		r.showCheck(aws.Check{Name: "source", Result: aws.Skipped, Text: r.spec.Source + " is encoded here when the rest is right"})
		return false
	}
	if err := r.encodeHere(ctx); err != nil {
		if !canceled(ctx) {
			r.showCheck(onAWS(aws.FailedCheck("source", err)))
		}
		return false
	}
	return true
}

// checkEncoded checks the settings against what the source will hold when it has been
// encoded, as far as that is known, since encoding takes long.
func (r *deployRun) checkEncoded(ctx context.Context) {
	s, m := r.spec, aws.UsualMedia()
	s.Encode = nil
	m.Pictures.Width, m.Pictures.Height = 0, 0
	if report, _ := r.probe(ctx, s); len(report.Tracks) > 0 { // Others are known when ffmpeg has read them.
		m = mediaOf(report)
	}
	if v := r.encoding.Video; v.Height != 0 {
		m.Pictures.Width, m.Pictures.Height = v.Width, v.Height
	}
	if v := r.encoding.Video; v.FramerateNumerator != 0 || m.Pictures.FramerateNumerator == 0 { // It becomes constant.
		m.Pictures.FramerateNumerator, m.Pictures.FramerateDenominator = int64(cmp.Or(v.FramerateNumerator, 25)), int64(cmp.Or(v.FramerateDenominator, 1))
	}
	s = aws.Fit(r.spec, m)
	s.Source = "" // It will be a file.
	for _, c := range slices.Concat(aws.CheckSettings(s), aws.CheckEncoder(s, m)) {
		if c.Result == aws.Failing { // What remains is said of the file.
			r.showCheck(c)
		}
	}
}

// checkSource opens the source with this identity's permissions and checks its
// content, and where it is.
func (r *deployRun) checkSource(ctx context.Context, where func() aws.Check) {
	s := r.spec
	s.Encode = nil // MediaLive encodes, not this machine.
	if !strings.Contains(s.Source, "://") {
		if info, err := os.Stat(s.Source); err == nil && info.IsDir() {
			r.showCheck(aws.FailedCheck("source", fault.New(fault.Source, "%s is a directory", s.Source)))
			return
		}
	}
	report, err := r.probe(ctx, s)
	if report.Container == "" {
		if err == nil {
			err = fault.New(fault.Media, "%s is not an MP4", s.Source)
		}
		r.showCheck(onAWS(aws.FailedCheck("source", err)))
		return
	}
	r.media = mediaOf(report)
	r.spec = aws.Fit(r.spec, r.media)
	contents := slices.Concat([]string{size(report.Bytes)}, r.media.Video, r.media.Audio)
	at := where()
	at.Text = report.Source + ": " + strings.Join(contents, ", ") + "; " + at.Text
	r.showCheck(at)
	r.showCheck(aws.CheckMedia(r.media)...)
	if !slices.ContainsFunc(r.checks, func(c aws.Check) bool { return c.Name == "settings" && c.Result == aws.Failing }) { // Once is enough.
		r.showCheck(aws.CheckSettings(r.spec)...)
	}
	r.showCheck(aws.CheckEncoder(r.spec, r.media)...)
	if err != nil {
		r.showCheck(onAWS(aws.Check{
			Name: "source", Result: aws.Warning, Text: report.Error, Remedy: "LILO cannot loop it; MediaLive may",
		}))
	}
}

// onAWS returns a check with the advice that works on AWS, where MediaLive encodes the
// channel and this machine its source.
func onAWS(c aws.Check) aws.Check {
	c.Text = strings.ReplaceAll(c.Text, "--encode ", "--encode-here ")
	return c
}

func mediaOf(r player.Report) aws.Media {
	m := aws.Media{Container: r.Container, Bytes: r.Bytes}
	for _, t := range r.Tracks {
		m.BitRate += t.PeakBitRate
		if t.Kind == "audio" {
			m.Audio = append(m.Audio, t.Coding)
			continue
		}
		m.Video = append(m.Video, t.Coding)
		m.Codec = map[byte]string{0x1b: channel.CodecAVC, 0x24: channel.CodecHEVC, 0x02: channel.CodecMPEG2}[t.StreamType]
		m.Pictures = medialive.Pictures{Width: t.Width, Height: t.Height, FramerateNumerator: t.Framerate.Num, FramerateDenominator: t.Framerate.Den}
	}
	return m
}

// checkStack checks the existing stack, and reports whether the deployment creates
// a channel.
func (r *deployRun) checkStack(ctx context.Context) (c aws.Check, creates bool) {
	var err error
	if r.stack, err = r.account.Stack(ctx, r.stackName()); err != nil {
		return aws.FailedCheck("stack", err), false
	}
	c = aws.Check{Name: "stack", Result: aws.OK, Text: fmt.Sprintf("%s is %s", r.stack.Name, r.stack.Status)}
	switch r.stack.Phase() {
	case aws.Absent:
		c.Text, creates = r.stack.Name+" is new", true
	case aws.Stable:
		return r.checkUpdate(ctx, c), false
	case aws.InProgress, aws.Deleting:
		c.Result, c.Remedy = aws.Pending, "the deployment waits for that first"
	case aws.CreateFailed, aws.DeleteFailed:
		c.Result, c.Remedy, creates, r.deletesFirst = aws.Pending, "the deployment deletes the rest of a failed one first", true, true
	case aws.RollbackFailed:
		return aws.FailedCheck("stack", r.account.CheckUsable(r.stack)), false
	}
	return c, creates
}

// checkUpdate checks that the channel of a stack can become what the spec says:
// CloudFormation replaces a channel whose class changes, and MediaLive refuses the new
// one while the old one has the input.
func (r *deployRun) checkUpdate(ctx context.Context, c aws.Check) aws.Check {
	c.Text += " and will be updated"
	st, err := r.account.Status(ctx, r.stackName())
	if err != nil {
		return aws.Check{Name: c.Name, Result: aws.Skipped, Text: c.Text + "; its channel cannot be read: " + err.Error()}
	}
	if st.Channel == nil || (st.Channel.Class == string(types.ChannelClassStandard)) == r.spec.AWS.Standard {
		return c
	}
	c.Result, c.Kind = aws.Failing, fault.Deploy
	c.Text = fmt.Sprintf("channel %s has the class %s, which cannot change while it exists", st.Channel.ID, st.Channel.Class)
	c.Remedy = fmt.Sprintf("run lilo destroy%s first, or deploy beside it with another --stack", r.flags())
	return c
}

// showCheck keeps checks, and shows each with its remedy on a line.
func (r *deployRun) showCheck(checks ...aws.Check) {
	for _, c := range checks {
		r.checks = append(r.checks, c)
		if r.quiet && (c.Result == aws.OK || r.json && c.Result != aws.Failing) {
			continue
		}
		mark := r.out.mark(c.Result != aws.Failing)
		switch c.Result {
		case aws.Warning:
			mark = "!"
		case aws.Pending:
			mark = "+"
		case aws.Skipped:
			mark = "-"
		case aws.OK, aws.Failing:
		}
		text := c.Text
		if c.Remedy != "" {
			text += ": " + c.Remedy
		}
		r.show(struct {
			Type string `json:"type"`
			aws.Check
		}{"check", c}, fmt.Sprintf("%s %-12s %s\n", mark, c.Name, strings.Map(printable, text)))
	}
}
