package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"

	"github.com/lilo-live/lilo/internal/aws/function"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
)

// order is what the cloud reads of the templates of a deployment.
type order struct {
	input     *sdk.CreateInputInput
	channel   *sdk.CreateChannelInput
	autoStart bool
	to        string
}

// orderOf returns the order of a spec whose source is an object.
func orderOf(s channel.Spec) (order, error) {
	input, err := medialive.InputRequest(s)
	if err != nil {
		return order{}, err
	}
	ch, err := medialive.ChannelRequest(s, "input", "arn:aws:iam::"+cloudAccount+":role/role")
	return order{input, ch, s.AWS.AutoStart, s.To[0].String()}, err
}

// readOrder reads the template at a URL and those nested in it. The lock is held.
func (c *cloud) readOrder(url string) (order, error) {
	o := order{}
	root, err := c.templateAt(url)
	if err != nil {
		return o, err
	}
	for _, r := range root {
		switch r.Type {
		case "AWS::CloudFormation::Stack":
			nested, err := c.templateAt(fmt.Sprint(known(r.Properties["TemplateURL"])))
			if err != nil {
				return o, err
			}
			for _, r := range nested {
				if err := o.read(r); err != nil {
					return o, err
				}
			}
		case function.OnAirType:
			o.autoStart = r.Properties[function.AutoStartProperty] == "true"
		}
	}
	o.to = *o.channel.Destinations[0].Settings[0].Url
	return o, nil
}

func (o *order) read(r cloudTemplate) error {
	delete(r.Properties, "Tags")
	text, err := json.Marshal(small(known(r.Properties)))
	if err != nil {
		return err
	}
	switch r.Type {
	case "AWS::MediaLive::Input":
		o.input = &sdk.CreateInputInput{}
		err = medialive.Unmarshal(text, o.input)
	case "AWS::MediaLive::Channel":
		o.channel = &sdk.CreateChannelInput{}
		err = medialive.Unmarshal(text, o.channel)
	}
	return err
}

type cloudTemplate struct {
	Type       string
	Properties map[string]any
}

// templateAt returns the resources of an uploaded template.
func (c *cloud) templateAt(url string) (map[string]cloudTemplate, error) {
	_, key, _ := strings.Cut(strings.TrimPrefix(url, "https://"), "/")
	text, ok := c.objects["/"+key]
	if !ok {
		return nil, fmt.Errorf("%s was not uploaded", url)
	}
	var t struct{ Resources map[string]cloudTemplate }
	err := json.Unmarshal(text, &t)
	return t.Resources, err
}

// known replaces what CloudFormation fills in.
func known(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = known(v[i])
		}
	case map[string]any:
		if parts, ok := v["Fn::Join"].([]any); ok {
			text := ""
			for _, part := range parts[1].([]any) {
				text += fmt.Sprint(known(part))
			}
			return text
		}
		if text, ok := v["Fn::Sub"].(string); ok {
			return strings.ReplaceAll(text, "${AWS::AccountId}", cloudAccount)
		}
		if name, ok := v["Ref"].(string); ok {
			switch {
			case name == "AWS::URLSuffix":
				return "amazonaws.com"
			case strings.HasSuffix(name, "RoleArn"), strings.Contains(name, "ChannelRole"):
				return "arn:aws:iam::" + cloudAccount + ":role/role"
			}
			return "lilo-media"
		}
		for key := range v {
			v[key] = known(v[key])
		}
	}
	return v
}

// small gives all members a small initial, as in MediaLive's documents.
func small(v any) any {
	switch v := v.(type) {
	case map[string]any:
		all := make(map[string]any, len(v))
		for name, member := range v {
			r, n := utf8.DecodeRuneInString(name)
			all[string(unicode.ToLower(r))+name[n:]] = small(member)
		}
		return all
	case []any:
		for i := range v {
			v[i] = small(v[i])
		}
	}
	return v
}
