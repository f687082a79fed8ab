package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/setting"
)

// Requests are those that create a channel, in the JSON of MediaLive's API.
type Requests struct {
	Inputs []InputRequest
	// Channel is CreateChannel's, with the ids of Inputs.
	Channel []byte
}

// InputRequest creates an input.
type InputRequest struct {
	ID   string // by which the channel names it here
	Body []byte // CreateInput's
}

// role is the role of a channel that has none here and needs one on AWS.
const role = "arn:aws:iam::ACCOUNT:role/MediaLiveAccessRole"

// serveExport answers with a file from which the channel can be made again elsewhere.
func (c *Console) serveExport(w http.ResponseWriter, r *http.Request, ch *Channel) {
	write, ok := map[string]func(*Channel, *export) (string, error){
		"yaml":      func(ch *Channel, _ *export) (string, error) { return toYAML(ch) },
		"terraform": func(_ *Channel, e *export) (string, error) { return e.terraform() },
		"cdk":       func(_ *Channel, e *export) (string, error) { return e.cdk() },
		"cli":       func(_ *Channel, e *export) (string, error) { return e.cli() },
	}[r.PathValue("form")]
	if !ok {
		writeError(w, http.StatusNotFound, "", "there is no such form: it is yaml, terraform, cdk or cli")
		return
	}
	requests, err := c.backend.Requests(r.Context(), ch.ID)
	var e *export
	if err == nil {
		e, err = newExport(requests)
	}
	text := ""
	if err == nil {
		text, err = write(ch, e)
	}
	if err != nil {
		fail(w, "", err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(text)) // The client may be gone.
}

// toYAML returns the channel as lilo serve --config takes it.
func toYAML(ch *Channel) (string, error) {
	s := ch.Spec
	s.Epoch = time.Time{}
	if s.Source != "" {
		s.Source = ch.Source // Without secrets.
	}
	text, err := setting.WriteYAML(channel.YAML(), &s)
	if err != nil {
		return "", err
	}
	body := strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "\n  ")
	return "# A configuration: lilo serve --config FILE\nchannels:\n- " + body + "\n", nil
}

// export writes the requests of a channel in the languages of others.
type export struct {
	inputs  []map[string]any
	ids     []string
	channel map[string]any
	notes   []string
}

func newExport(r Requests) (*export, error) {
	e := &export{}
	if err := json.Unmarshal(r.Channel, &e.channel); err != nil {
		return nil, err
	}
	e.channel, _ = withoutEmptyLists(e.channel).(map[string]any)
	if e.channel["roleArn"] == nil {
		e.channel["roleArn"] = role
		e.notes = append(e.notes, "Replace ACCOUNT in roleArn, or name a role of your own: MediaLive needs one.")
	}
	for _, in := range r.Inputs {
		var body map[string]any
		if err := json.Unmarshal(in.Body, &body); err != nil {
			return nil, err
		}
		e.inputs, e.ids = append(e.inputs, body), append(e.ids, in.ID)
		if bytes.Contains(in.Body, []byte(`"file:`)) || !bytes.Contains(in.Body, []byte("://")) {
			e.notes = append(e.notes, "Replace the path of the source: MediaLive reads from s3ssl:// and https:// only.")
		}
	}
	return e, nil
}

// withoutEmptyLists returns a document without the empty lists that answers of the API have.
func withoutEmptyLists(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			if list, ok := value.([]any); !ok || len(list) > 0 {
				out[key] = withoutEmptyLists(value)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = withoutEmptyLists(v[i])
		}
		return out
	default:
		return v
	}
}

// comment returns the notes as comments.
func (e *export) comment(mark string) string {
	var b strings.Builder
	for _, n := range e.notes {
		b.WriteString(mark + " " + n + "\n")
	}
	return b.String()
}

// inputName returns what the input of an index is called in a stack.
func inputName(i int) string { return fmt.Sprintf("Input%d", i) }

// placeholder stands for the id of an input.
func placeholder(i int) string { return fmt.Sprintf("INPUT_%d_ID", i) }

// channelJSON returns the channel with placeholders for the ids of its inputs.
func (e *export) channelJSON(of any, indent string) (string, error) {
	text, err := indented(of, indent)
	for i, id := range e.ids {
		text = strings.ReplaceAll(text, `"`+id+`"`, `"`+placeholder(i)+`"`)
	}
	return text, err
}

// indented returns JSON in which no character is escaped for HTML.
func indented(v any, prefix string) (string, error) {
	var b bytes.Buffer
	w := json.NewEncoder(&b)
	w.SetEscapeHTML(false)
	w.SetIndent(prefix, "  ")
	err := w.Encode(v)
	return strings.TrimSpace(b.String()), err
}

// cli returns a script of the AWS CLI.
func (e *export) cli() (string, error) {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n# Creates the channel and its inputs with the AWS CLI. Set AWS_ENDPOINT_URL_MEDIALIVE for lilo serve.\n" + e.comment("#") + "set -eu\n\n")
	var replace strings.Builder
	for i, in := range e.inputs {
		text, err := indented(capitalized(in), "")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "input%d=$(aws medialive create-input --query Input.Id --output text --cli-input-json %s)\n\n", i, shellQuoted(text))
		fmt.Fprintf(&replace, " -e \"s/%s/$input%d/\"", placeholder(i), i)
	}
	text, err := e.channelJSON(capitalized(e.channel), "")
	if err != nil {
		return "", err
	}
	channel := shellQuoted(text)
	if replace.Len() > 0 {
		channel = "\"$(printf %s " + channel + " | sed" + replace.String() + ")\""
	}
	b.WriteString("aws medialive create-channel --cli-input-json " + channel + "\n")
	return b.String(), nil
}

// shellQuoted quotes a text for a shell.
func shellQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// cdk returns a stack of the AWS CDK in TypeScript.
func (e *export) cdk() (string, error) {
	var b strings.Builder
	b.WriteString("import { Stack, StackProps, aws_medialive as medialive } from 'aws-cdk-lib';\nimport { Construct } from 'constructs';\n\n" + e.comment("//"))
	b.WriteString("export class ChannelStack extends Stack {\n  constructor(scope: Construct, id: string, props?: StackProps) {\n    super(scope, id, props);\n")
	for i, in := range e.inputs {
		text, err := indented(in, "    ")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "    const input%d = new medialive.CfnInput(this, '%s', %s);\n", i, inputName(i), text)
	}
	text, err := e.channelJSON(e.channel, "    ")
	if err != nil {
		return "", err
	}
	for i := range e.ids {
		text = strings.ReplaceAll(text, `"`+placeholder(i)+`"`, fmt.Sprintf("input%d.ref", i))
	}
	b.WriteString("    new medialive.CfnChannel(this, 'Channel', " + text + ");\n  }\n}\n")
	return b.String(), nil
}

// terraform returns a stack of CloudFormation in Terraform: its own resources for MediaLive know only
// some of the settings.
func (e *export) terraform() (string, error) {
	resources := map[string]any{"Channel": map[string]any{"Type": "AWS::MediaLive::Channel", "Properties": capitalized(e.channel)}}
	for i, in := range e.inputs {
		resources[inputName(i)] = map[string]any{"Type": "AWS::MediaLive::Input", "Properties": capitalized(in)}
	}
	text, err := e.channelJSON(map[string]any{"Resources": resources}, "  ")
	if err != nil {
		return "", err
	}
	for i := range e.ids {
		text = strings.ReplaceAll(text, `"`+placeholder(i)+`"`, `{ "Ref": "`+inputName(i)+`" }`)
	}
	text = strings.NewReplacer("${", "$${", "%{", "%%{").Replace(text)
	name, err := json.Marshal(stackName(e.channel["name"]))
	return e.comment("#") + "resource \"aws_cloudformation_stack\" \"channel\" {\n  name = " + string(name) + "\n\n  template_body = jsonencode(" + text + ")\n}\n", err
}

// capitalized returns a document of the API as CloudFormation and the AWS CLI write it. Tags keep their keys.
func capitalized(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			name := strings.ToUpper(key[:min(1, len(key))]) + key[min(1, len(key)):]
			if key != "tags" {
				value = capitalized(value)
			}
			out[name] = value
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = capitalized(v[i])
		}
		return out
	default:
		return v
	}
}

// stackName makes a name of a stack: letters, digits and hyphens, a letter first.
func stackName(name any) string {
	text, _ := name.(string)
	text = strings.Trim(strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '-'
	}, text), "-")
	if text == "" || !unicode.IsLetter(rune(text[0])) {
		text = "lilo-" + text
	}
	return text[:min(len(text), 128)]
}
