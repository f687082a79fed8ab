package template

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestReferences checks what references become within a stack and across stacks.
func TestReferences(t *testing.T) {
	root := New("App", "the root", "eu-west-1", nil)
	top := root.Add("Top", "AWS::SNS::Topic", nil)
	one := root.Nest("one", "the first")
	role := one.In("Group").Add("Role", "AWS::IAM::Role", Properties{"Topic": top.Ref()})
	own := one.Add("Own", "AWS::IAM::Policy", Properties{"Role": "a-" + role.GetAtt("Arn") + "-b"})
	two := root.Nest("two", "the second")
	two.Add("User", "AWS::IAM::Policy", Properties{"Role": role.GetAtt("Arn"), "Topic": top.GetAtt("TopicName")})
	last := root.Add("Last", "AWS::SNS::Topic", Properties{"Policy": own.Ref(), "Empty": List{}, "None": nil})
	last.DependOn(top, two.Resource())
	last.SetRemoval(true)
	root.Output("Key", "a value", "x"+top.Ref())

	written, err := root.Write()
	if err != nil || len(written) != 3 {
		t.Fatal(len(written), err)
	}
	all := map[string]string{}
	for _, w := range written {
		var v any
		if err := json.Unmarshal(w.Text, &v); err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(v) // It was read from JSON.
		all[w.File.Name] = string(text)
	}
	for _, c := range []struct{ file, want string }{
		{"one Nested Stack Template", `"Own":{"Properties":{"Role":{"Fn::Join":["",["a-",{"Fn::GetAtt":["GroupRole`},
		{"one Nested Stack Template", `"Topic":{"Ref":"referencetoAppTop`},
		{"one Nested Stack Template", `"Parameters":{"referencetoAppTop`},
		{"one Nested Stack Template", `"Outputs":{"ApponeGroupRole`},
		{"two Nested Stack Template", `"Role":{"Ref":"referencetoApponeNestedStackoneNestedStackResource`},
		{"App Template", `Outputs.ApponeGroupRole`},
		{"App Template", `"Last":{"DeletionPolicy":"Retain","DependsOn":["Top","twoNestedStacktwoNestedStackResource`},
		{"App Template", `"Key":{"Description":"a value","Value":{"Fn::Join":["",["x",{"Ref":"Top"}]]}}`},
		{"App Template", `"TemplateURL":{"Fn::Join":["",["https://s3.eu-west-1.",{"Ref":"AWS::URLSuffix"},"/",{"Fn::Sub":"cdk-hnb659fds-assets-${AWS::AccountId}-eu-west-1"},"/` + written[0].File.Hash},
	} {
		if !strings.Contains(all[c.file], c.want) {
			t.Errorf("%s lacks %s:\n%s", c.file, c.want, all[c.file])
		}
	}
	if strings.Contains(all["App Template"], "Empty") || strings.Contains(all["App Template"], "None") {
		t.Errorf("empty properties are written: %s", all["App Template"])
	}
}

// TestLogicalIDs compares ids with those of the CDK.
func TestLogicalIDs(t *testing.T) {
	for want, path := range map[string][]string{
		"Gate": {"Gate"},
		"permissionNestedStackpermissionNestedStackResourceD9E1799E": {"permission.NestedStack", "permission.NestedStackResource"},
		"LILOClientDeveuwest1LifecycleLog94B1AEBA":                   {"LILO-Client-Dev-eu-west-1", "LifecycleLog"},
	} {
		if got := logicalID(path); got != want {
			t.Errorf("%v: %s, want %s", path, got, want)
		}
	}
}
