//go:build linux

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
)

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// cost is the processor's share of something, by round.
type cost struct {
	name   string
	rounds []float64
}

func (c cost) median() float64 { return median(c.rounds) }

// compare takes turns with LILO, the bare sender and ffmpeg, all to a socket
// that nobody reads, so that what disturbs the machine disturbs them alike.
func (s *settings) compare(ctx context.Context, d *document) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	rate, err := s.smallestRate(ctx)
	if err != nil {
		return err
	}
	contenders := []peer{{"ffmpeg `-c copy`, RTP", "", command(ffmpegCopy + "-f rtp_mpegts rtp://127.0.0.1:PORT")}}
	for _, pacing := range []string{"4ms", "8ms", "10ms", "40ms"} {
		contenders = append(contenders,
			peer{"LILO " + pacing, "", command("LILO run CLIP --to rtp://127.0.0.1:PORT --pacing " + pacing)},
			peer{"bare " + pacing, "", command(fmt.Sprintf("%s bare -rate %d -pacing %s -port PORT", self, rate, pacing))})
	}
	d.costs = make([]cost, len(contenders))
	for range s.rounds {
		for i, c := range contenders {
			u, err := s.cost(ctx, c)
			if err != nil {
				return err
			}
			d.costs[i].name = c.name
			d.costs[i].rounds = append(d.costs[i].rounds, u.share)
		}
	}
	return nil
}

func (s *settings) smallestRate(ctx context.Context) (int64, error) {
	r, err := player.Probe(ctx, channel.Spec{Source: s.clip(), Name: "bench"}, player.LocalOptions())
	return r.MuxRate, err
}

// cost is what a contender takes, from two seconds after its start on.
func (s *settings) cost(ctx context.Context, c peer) (usage, error) {
	conn, port, err := sink()
	if err != nil {
		return usage{}, err
	}
	defer conn.Close()
	child, err := spawn(ctx, c.args(s, port)...)
	if err != nil {
		return usage{}, err
	}
	defer child.stop()
	pause(ctx, 2*time.Second)
	child.mark()
	pause(ctx, s.seconds/3)
	return child.usage(), nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// several is a process of many channels.
type several struct {
	channels int
	guests   int           // further ones that start and stop meanwhile
	period   time.Duration // they do so in every other of these, if not 0
	bare     bool          // nothing but the sending
	pacing   string
	usage
	crowd
}

// channels measures one process with one, a hundred and one, and many channels.
// Many take turns with as many bare senders: of their rounds, the one in the
// middle counts.
func (s *settings) channels(ctx context.Context, d *document) error {
	for _, c := range []several{
		{channels: 1, pacing: "10ms"},
		{channels: 101, pacing: "10ms"},
		{channels: 1, pacing: "4ms"},
		{channels: 101, pacing: "4ms"},
	} {
		if err := s.several(ctx, &c); err != nil {
			return err
		}
		d.several = append(d.several, c)
	}
	turns := []several{{bare: true}, {}, {guests: 1, period: s.seconds}, {guests: 50}}
	rounds := make([][]several, len(turns))
	for range s.rounds {
		for i, c := range turns {
			c.channels, c.pacing = s.many, "10ms"
			if err := s.several(ctx, &c); err != nil {
				return err
			}
			rounds[i] = append(rounds[i], c)
		}
	}
	for _, r := range rounds {
		d.several = append(d.several, middle(r))
	}
	return nil
}

// middle returns the round in the middle, with the periods of all rounds.
func middle(rounds []several) several {
	var alone, visited []float64
	for _, c := range rounds {
		alone, visited = append(alone, c.Alone...), append(visited, c.Visited...)
	}
	slices.SortFunc(rounds, func(a, b several) int { return cmp.Compare(a.MedianLate999, b.MedianLate999) })
	m := rounds[len(rounds)/2]
	m.Alone, m.Visited = alone, visited
	return m
}

// args are those of the process, but for the file and what is sent to.
func (c *several) args() []string {
	if c.bare {
		return []string{"bare-crowd"}
	}
	return []string{"many", "-guests", fmt.Sprint(c.guests), "-period", c.period.String()}
}

func (s *settings) several(ctx context.Context, c *several) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	conn, port, err := sink()
	if err != nil {
		return err
	}
	defer conn.Close()
	cmd := exec.CommandContext(ctx, self, append(c.args(), "-channels", fmt.Sprint(c.channels), "-pacing", c.pacing,
		"-port", fmt.Sprint(port), s.clip())...)
	cmd.Stderr = os.Stderr
	var rest bytes.Buffer
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	child, lines := &process{cmd: cmd}, bufio.NewReader(pipe)
	if line, err := lines.ReadString('\n'); err != nil || strings.TrimSpace(line) != "playing" {
		child.stop()
		return fmt.Errorf("%d channels did not begin: %w", c.channels, err)
	}
	pause(ctx, 3*time.Second) // They begin with this line.
	child.mark()
	length := s.seconds / 2
	if c.channels == s.many {
		length = 2 * s.seconds // Their p99.9 wants some thousands of trains.
	}
	if c.period > 0 {
		length = 6*c.period + time.Second
	}
	pause(ctx, length)
	c.usage = child.usage()
	_ = cmd.Process.Signal(os.Interrupt)
	if _, err := lines.WriteTo(&rest); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		return err
	}
	return json.Unmarshal(rest.Bytes(), &c.crowd)
}

// firstDatagram starts the program on the two-hour file and waits for what it sends.
func (s *settings) firstDatagram(ctx context.Context, d *document) error {
	for range 2*s.rounds + 1 {
		conn, port, err := sink()
		if err != nil {
			return err
		}
		began := time.Now()
		child, err := spawn(ctx, s.lilo, "run", s.twoHour(), "--to", fmt.Sprintf("rtp://127.0.0.1:%d", port))
		if err != nil {
			conn.Close()
			return err
		}
		_ = conn.SetReadDeadline(began.Add(20 * time.Second))
		_, err = conn.Read(make([]byte, 2048))
		d.first = append(d.first, time.Since(began).Seconds()*1e3)
		pause(ctx, 3*time.Second)
		d.twoHourPeak = max(d.twoHourPeak, child.peak())
		child.stop()
		conn.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
