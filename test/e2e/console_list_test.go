//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// pressNamed presses the button with that text.
func (b *browser) pressNamed(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("[...document.querySelectorAll('button')].some((b) => b.textContent === %q && !b.disabled && b.checkVisibility())", text))
	b.run(fmt.Sprintf("[...document.querySelectorAll('button')].find((b) => b.textContent === %q && b.checkVisibility()).click()", text))
}

// names is a script for the names in the list, in their order.
const names = "[...document.querySelectorAll('.row-name')].filter((e) => e.checkVisibility()).map((e) => e.textContent).join()"

// Channels are sorted, found by their tags, and started, stopped, tagged and deleted together; what was
// chosen of the view stays.
func TestConsoleManyChannels(t *testing.T) {
	s := serve(t, t.TempDir())
	b := startBrowser(t)
	b.screen(1280, 860, false)
	b.open(s.url + "/")
	b.until("document.querySelector('.welcome')")
	for _, name := range []string{"Beta", "Gamma", "Alpha"} {
		b.create("", name, false, deaf(t))
	}
	b.until(names + " === 'Beta,Gamma,Alpha'")
	b.pressNamed("Select")
	b.click("[aria-label='Select Beta']")
	b.click("[aria-label='Select Alpha']")
	b.until("document.querySelector('.bulk strong').textContent === '2 selected'")
	b.pressNamed("Start")
	b.until(row("Beta", ".pill.on") + " && " + row("Alpha", ".pill.on") + " && " + row("Gamma", ".pill.off"))
	b.pressNamed("Tag…")
	b.write("#tag-key", "team")
	b.write("#tag-value", "sports")
	b.press(kb.Enter)
	b.until("!document.querySelector('dialog')")
	b.write("[type=search]", "team=sports")
	b.until(names + " === 'Beta,Alpha'")
	b.pressNamed("Stop")
	b.until(row("Beta", ".pill.off") + " && " + row("Alpha", ".pill.off"))

	b.write("[type=search]", " ")
	b.click("[aria-label=Table]")
	b.click("thead [data-column=name] button")
	b.until(names + " === 'Alpha,Beta,Gamma' && document.querySelector('[data-column=name]').ariaSort === 'ascending'")
	b.click("thead [data-column=name] button")
	b.until(names + " === 'Gamma,Beta,Alpha'")
	b.click(".columns summary")
	b.run("[...document.querySelectorAll('.columns label')].find((l) => l.textContent === 'Tags').click()")
	b.until("[...document.querySelectorAll('tbody td[data-column=tags]')].map((e) => e.checkVisibility() && e.textContent).join() === ',team=sports,team=sports'")
	b.open(s.url + "/?again")
	b.until("document.querySelectorAll('tbody td[data-column=tags]').length === 3 && document.querySelector('tbody td[data-column=tags]').checkVisibility()")

	b.pressNamed("Select")
	b.click("[aria-label='Select Gamma']")
	b.click("[aria-label='Select Beta']")
	b.pressNamed("Delete…")
	b.until("document.querySelector('#prompt-title').textContent === 'Delete 2 channels?'")
	b.pressNamed("Delete")
	b.until(names + " === 'Alpha'")
	if all := b.errors(); len(all) > 0 {
		t.Error(all)
	}
}

// In the list, s starts and stops the channel that has the focus.
func TestConsoleKeyOfFocusedRow(t *testing.T) {
	s := serve(t, t.TempDir())
	b := startBrowser(t)
	b.open(s.url + "/")
	b.until("document.querySelector('.welcome')")
	b.create("", "First", false, deaf(t))
	b.create("", "Second", false, deaf(t))
	b.until(names + " === 'First,Second'")
	b.press("s") // None has the focus.
	b.press("j")
	b.press("j")
	b.until("document.activeElement.textContent === 'Second'")
	b.press("s")
	b.until(row("Second", ".pill.on") + " && " + row("First", ".pill.off"))
	b.press("s")
	b.until(row("Second", ".pill.off") + " && document.activeElement.textContent === 'Second'")
}

// A click beside the form keeps what was typed.
func TestConsoleFormStays(t *testing.T) {
	s := serve(t, t.TempDir())
	b := startBrowser(t)
	b.screen(1280, 860, false)
	b.open(s.url + "/")
	b.click("#new")
	b.write("#f-name", "News")
	b.run("document.querySelector('dialog').dispatchEvent(new PointerEvent('pointerdown', {bubbles: true}))")
	time.Sleep(100 * time.Millisecond)
	if name := eval[string](b, "return document.querySelector('#f-name')?.value ?? 'closed'"); name != "News" {
		t.Errorf("the form is %q", name)
	}
	b.press(kb.Escape)
	b.until("!document.querySelector('dialog')")
}

// The login keeps the name after a wrong password, leads back to the channel of the link, and says in
// words how long to wait.
func TestConsoleLoginKeepsWhatWasAsked(t *testing.T) {
	dir := t.TempDir()
	logins := filepath.Join(dir, "logins")
	addLogin(t, logins, "anna<3")
	s := serve(t, filepath.Join(dir, "state"), "--logins", logins)
	b := startBrowser(t)
	b.open(s.url + "/#/channels/1234567")
	b.until("location.pathname === '/login' && document.activeElement.id === 'user' && document.querySelector('.brand svg')")
	b.write("#user", "anna<3")
	b.write("#password", "wrong")
	b.press(kb.Enter)
	b.until("document.querySelector('[role=alert]') && document.querySelector('#user').value === 'anna<3' && document.activeElement.id === 'password'")
	b.errors() // The 401 is one.
	b.write("#password", password)
	b.press(kb.Enter)
	b.until("location.pathname === '/' && location.hash === '#/channels/1234567' && document.querySelector('h1')?.textContent === 'There is no such channel'")
	if all := b.errors(); len(all) > 0 {
		t.Error(all)
	}
	b.open(s.url + "/?out")
	b.click("[aria-label='Log out anna<3']")
	b.until("location.pathname === '/login'")
	for range 11 {
		r, err := http.PostForm(s.url+"/login", url.Values{"user": {"anna"}, "password": {"wrong"}})
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
	}
	b.write("#user", "anna")
	b.write("#password", password)
	b.press(kb.Enter)
	b.until("/Try again in 1[45] minutes( and [0-9]+ seconds?)?\\.$/.test(document.querySelector('[role=alert]')?.textContent)")
	if strings.Contains(s.log.String(), password) {
		t.Error("the log has a password")
	}
}

// A channel is renamed and changed on air, which starts it again, and cloned to an address that is free;
// one that the configuration declares is refused.
func TestConsoleEditsAndClones(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "serve.yaml")
	configFile(t, config, "channels:\n- name: Declared\n  to: "+deaf(t)+"\n")
	s := serve(t, filepath.Join(dir, "state"), "--config", config)
	b := startBrowser(t)
	b.screen(1280, 900, false)
	b.open(s.url + "/")
	b.until(row("Declared", ".pill.on"))
	to := listen(t)
	id := b.create("", "Before", true, deaf(t))
	b.show(id)
	b.until("document.querySelector('.channel .pill')?.textContent === 'On air' && document.querySelector('.json pre')")
	b.pressNamed("Edit")
	b.until("document.querySelector('#f-name')?.value === 'Before' && document.querySelector('#f-clip').checked")
	b.write("#f-name", "After")
	b.write("[name=to]", to.url("udp"))
	b.write("#f-muxrate", "2M")
	b.pressNamed("Save")
	b.until("!document.querySelector('dialog') && document.querySelector('h1').textContent === 'After' && document.querySelector('.channel .pill').textContent === 'On air'")
	if to.datagram(t, 10*time.Second) == nil {
		t.Error("the new destination receives nothing")
	}
	b.until("document.querySelector('.facts').textContent.includes('Mux rate2M')")
	if code, text := s.get(t, "/prod/channels/"+id); code != 200 || !strings.Contains(text, `"name":"After"`) {
		t.Errorf("the API says %d %s", code, text)
	}

	b.pressNamed("Clone")
	b.until("document.querySelector('#f-name')?.value === 'After copy' && document.querySelector('#f-muxrate').value === '2M' && document.querySelector('[name=to]').value.startsWith('rtp://127.0.0.1:')")
	b.write("[name=to]", deaf(t))
	b.run("document.querySelector('#f-start').click()")
	b.pressNamed("Create channel")
	b.until("document.querySelector('h1').textContent === 'After copy' && document.querySelector('.facts').textContent.includes('Mux rate2M')")

	b.run("location.hash = '#/'")
	b.until(names + " === 'Declared,After,After copy'")
	b.run("[...document.querySelectorAll('.row-name')].find((e) => e.textContent === 'Declared').click()")
	b.until("document.querySelector('.json pre')")
	b.pressNamed("Edit")
	b.write("#f-name", "Mine")
	b.pressNamed("Save")
	b.until("document.querySelector('.form-error:not([hidden])')?.textContent.includes('declared by the configuration: change it there')")
}

// What the console exports makes the channel again: the YAML in another server, the script through the AWS CLI.
func TestConsoleExports(t *testing.T) {
	film := copyClip(t, filepath.Join(t.TempDir(), "it's a film.mp4"))
	s := serve(t, t.TempDir(), "--allow-files", filepath.Dir(film))
	b := startBrowser(t)
	b.screen(1280, 900, false)
	b.open(s.url + "/")
	b.until("document.querySelector('.welcome')")
	b.show(b.create(film, "News", false, deaf(t)))
	b.until("document.querySelector('.json pre')")
	exported := func(form string) string {
		b.run("[...document.querySelectorAll('details')].find((d) => d.textContent.startsWith('Export')).open = true")
		b.pressNamed(form)
		b.until(fmt.Sprintf("document.querySelector('pre[aria-label=%q]')", form))
		return eval[string](b, fmt.Sprintf("return document.querySelector('pre[aria-label=%q]').textContent", form))
	}
	script := filepath.Join(t.TempDir(), "channel.sh")
	if err := os.WriteFile(script, []byte(exported("AWS CLI")), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", script)
	cmd.Env = slices.Concat(newAWSCLI(t, s.url).env, []string{"AWS_ENDPOINT_URL_MEDIALIVE=" + s.url})
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if _, text := s.get(t, "/prod/channels"); strings.Count(text, `"name":"News"`) != 2 {
		t.Errorf("there are %s", text)
	}
	config := filepath.Join(t.TempDir(), "serve.yaml")
	configFile(t, config, exported("YAML"))
	other := serve(t, t.TempDir(), "--config", config, "--allow-files", filepath.Dir(film))
	other.waitReady(t)
	if _, text := other.get(t, "/prod/channels"); !strings.Contains(text, `"name":"News"`) {
		t.Errorf("there are %s", text)
	}
	for form, want := range map[string]string{"Terraform": `"Type": "AWS::MediaLive::Channel"`, "CDK": "new medialive.CfnChannel(this, 'Channel', {"} {
		if text := exported(form); !strings.Contains(text, want) {
			t.Errorf("%s: %s", form, text)
		}
	}
}

// A source is chosen from the allowed folders, and the page of a channel shows its log and its events.
func TestConsoleFilesAndLog(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "old films"), 0o755); err != nil {
		t.Fatal(err)
	}
	film := copyClip(t, filepath.Join(folder, "old films", "news.mp4"))
	s := serve(t, t.TempDir(), "--allow-files", folder)
	b := startBrowser(t)
	b.screen(1280, 900, false)
	b.open(s.url + "/")
	b.click("#new")
	b.click("[aria-label='Browse the files of the server']")
	b.until("document.querySelector('.file')?.textContent === 'old films'")
	b.press(kb.Enter)
	b.until("[...document.querySelectorAll('.file')].map((f) => f.querySelector('.file-name').textContent).join() === 'Up,news.mp4'")
	b.run("[...document.querySelectorAll('.file')][1].click()")
	b.until(fmt.Sprintf("document.querySelector('#f-source').value === %q && document.querySelector('.verdict.good')", film))
	b.write("[name=to]", deaf(t))
	b.pressNamed("Create channel")
	b.until("[...document.querySelectorAll('.log li')].some((l) => /event.*pipeline 0 RUNNING: Pipeline started/.test(l.textContent))")
	b.until("[...document.querySelectorAll('.log li')].some((l) => /info.*refuses datagrams: nobody listens there/.test(l.textContent))")
	if all := b.errors(); len(all) > 0 {
		t.Error(all)
	}
}
