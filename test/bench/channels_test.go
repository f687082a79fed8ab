//go:build bench && linux

package bench

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// channelRun is a process with many channels, and what was measured of it.
type channelRun struct {
	channels     int
	guests       int           // further ones that start and stop meanwhile
	period       time.Duration // if not 0, they do so in every other of these
	floor        bool          // sockets of the floor instead of channels
	pacing       string
	file         string // what is played, or a folder with a file for each; "" for the clip
	rate         int64  // in bit/s; 0 for manyRate
	destinations int    // of each channel; 0 for one
	usage
	channelStats
}

// measureChannels measures one process with one, a hundred and one, and many channels.
// Many take turns with as many sockets of the floor; the median round counts.
func (b *bench) measureChannels(ctx context.Context, r *report) error {
	for _, c := range []channelRun{
		{channels: 1, pacing: "10ms"},
		{channels: 101, pacing: "10ms"},
		{channels: 1, pacing: "4ms"},
		{channels: 101, pacing: "4ms"},
	} {
		if err := b.run(ctx, &c); err != nil {
			return err
		}
		r.channels = append(r.channels, c)
	}
	turns := []channelRun{{floor: true}, {}, {guests: 1, period: b.seconds}, {guests: 50}}
	if b.floor == "" {
		turns = turns[1:]
	}
	rounds := make([][]channelRun, len(turns))
	for range b.rounds {
		for i, c := range turns {
			c.channels, c.pacing = b.many, "10ms"
			if err := b.run(ctx, &c); err != nil {
				return err
			}
			rounds[i] = append(rounds[i], c)
		}
	}
	for _, all := range rounds {
		r.channels = append(r.channels, medianRun(all))
	}
	return nil
}

// medianRun returns the median round, with the periods of all rounds.
func medianRun(rounds []channelRun) channelRun {
	var alone, visited []float64
	for _, c := range rounds {
		alone, visited = append(alone, c.Alone...), append(visited, c.Visited...)
	}
	slices.SortFunc(rounds, func(a, b channelRun) int { return cmp.Compare(a.MedianLate999, b.MedianLate999) })
	m := rounds[len(rounds)/2]
	m.Alone, m.Visited = alone, visited
	return m
}

// manyRate is the bit rate of each of many channels.
const manyRate = 5_000_000

// command returns the command line of the process.
func (c *channelRun) command(b *bench, port int) ([]string, error) {
	if c.floor {
		pacing, err := time.ParseDuration(c.pacing)
		return b.arguments(b.floorCommand(c.channels, manyRate, pacing), port), err
	}
	self, err := os.Executable()
	return []string{
		self, "play", "-guests", fmt.Sprint(c.guests), "-period", c.period.String(), "-rate", fmt.Sprint(cmp.Or(c.rate, manyRate)),
		"-channels", fmt.Sprint(c.channels), "-destinations", fmt.Sprint(max(1, c.destinations)), "-pacing", c.pacing, "-port", fmt.Sprint(port),
		cmp.Or(c.file, b.clip()),
	}, err
}

// run executes the process and adds what was measured to c.
func (b *bench) run(ctx context.Context, c *channelRun) error {
	conn, port, err := sink()
	if err != nil {
		return err
	}
	defer conn.Close()
	args, err := c.command(b, port)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stderr = os.Stderr
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
	length := b.seconds / 2
	if c.channels == b.many {
		length = 2 * b.seconds // p99.9 needs some thousands of trains.
	}
	if c.period > 0 {
		length = 6*c.period + time.Second
	}
	pause(ctx, length)
	c.usage = child.usage()
	_ = cmd.Process.Signal(os.Interrupt)
	err = json.NewDecoder(lines).Decode(&c.channelStats)
	return errors.Join(err, cmd.Wait())
}
