package service

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
)

// faultAt reports a member with its path if something is wrong with it.
func faultAt(faults []types.ValidationError, wrong bool, path, format string, args ...any) []types.ValidationError {
	if wrong {
		faults = append(faults, element(path, format, args...))
	}
	return faults
}

// repeats reports the names of a list that have come before.
func repeats(path string, names []string) (faults []types.ValidationError) {
	for i, name := range names {
		faults = faultAt(faults, slices.Contains(names[:i], name), path+"/"+strconv.Itoa(i), "%q is used more than once", name)
	}
	return faults
}

// isARN reports whether a text is the ARN of a resource of a service, such as "role/".
func isARN(text, service, resource string) bool {
	a, err := arn.Parse(text)
	return err == nil && a.Service == service && strings.HasPrefix(a.Resource, resource) && len(a.Resource) > len(resource)
}

// checkRole reports a role that is missing, or that is none.
func checkRole(doc *types.Input, needed bool) []types.ValidationError {
	role := deref(doc.RoleArn)
	if role == "" {
		return faultAt(nil, needed, "/roleArn", "roleArn is required for inputs of type %s", doc.Type)
	}
	return faultAt(nil, !isARN(role, "iam", "role/"), "/roleArn", "%q is not the ARN of an IAM role: write arn:aws:iam::ACCOUNT:role/NAME", role)
}

// checkSource returns why a URL cannot be a source of an input that is pulled by one of the
// schemes, or of a file without any; "" if it can.
func (c *core) checkSource(text string, schemes []string) string {
	if schemes == nil {
		return c.o.Sources.check(text)
	}
	return checkURL(text, schemes)
}

// checkURL returns why a URL cannot be a source of an input that is pulled by one of the
// schemes, "" if it can.
func checkURL(text string, schemes []string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme == "" || u.Host == "":
		return "Invalid URL (" + text + ") specified for inputSource"
	case !slices.Contains(schemes, u.Scheme):
		return "sources of " + u.Scheme + ":// cannot be pulled so: use " + strings.Join(schemes, ":// or ") + "://"
	}
	return ""
}

// checkStream reports a stream name of RTMP that is not an application and an instance.
func checkStream(path, name string) []types.ValidationError {
	application, instance, _ := strings.Cut(name, "/")
	wrong := application == "" || instance == "" || strings.Contains(instance, "/")
	return faultAt(nil, wrong, path, "the streamName %q must have an application and an instance: live/main", name)
}

// checkFlows reports flows that are none of MediaConnect's, or the same twice.
func checkFlows(flows []types.MediaConnectFlow) (faults []types.ValidationError) {
	for i, f := range flows {
		path, name := "/mediaConnectFlows/"+strconv.Itoa(i)+"/flowArn", deref(f.FlowArn)
		faults = faultAt(faults, !isARN(name, "mediaconnect", "flow:"), path, "%q is not the ARN of a flow: write arn:aws:mediaconnect:REGION:ACCOUNT:flow:ID:NAME", name)
		faults = faultAt(faults, i > 0 && name == deref(flows[0].FlowArn), path, "the two pipelines need flows of their own")
	}
	return faults
}

// The bounds of the latency of SRT in milliseconds, and the longest stream id (Haivision's SRT protocol).
const minLatency, maxLatency, maxStreamID = 120, 15000, 512

// checkCallers reports SRT callers that could not call.
func checkCallers(callers []types.SrtCallerSource) (faults []types.ValidationError) {
	for i, c := range callers {
		path := "/srtSettings/srtCallerSources/" + strconv.Itoa(i)
		address, port, latency := deref(c.SrtListenerAddress), deref(c.SrtListenerPort), deref(c.MinimumLatency)
		faults = faultAt(faults, address == "" || strings.ContainsAny(address, "/: ") && !strings.Contains(address, "::"), path+"/srtListenerAddress", "%q is not an address: write that of the listener, without a port", address)
		number, err := strconv.ParseUint(port, 10, 16)
		faults = faultAt(faults, err != nil || number == 0, path+"/srtListenerPort", "%q is not a port from 1 to 65535", port)
		faults = faultAt(faults, c.MinimumLatency == nil || latency < minLatency || latency > maxLatency, path+"/minimumLatency", "minimumLatency must be from %d to %d milliseconds, not %d", minLatency, maxLatency, latency)
		faults = faultAt(faults, len(deref(c.StreamId)) > maxStreamID, path+"/streamId", "streamId must have at most %d characters", maxStreamID)
		if d := c.Decryption; d != nil {
			faults = faultAt(faults, !slices.Contains(d.Algorithm.Values(), d.Algorithm), path+"/decryption/algorithm", "algorithm must be AES128, AES192 or AES256, not %q", d.Algorithm)
			secret := deref(d.PassphraseSecretArn)
			faults = faultAt(faults, !isARN(secret, "secretsmanager", "secret:"), path+"/decryption/passphraseSecretArn", "%q is not the ARN of a secret: write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME", secret)
		}
	}
	return faults
}

// checkLogins reports a password without a user.
func checkLogins(sources []types.InputSource) (faults []types.ValidationError) {
	for i, s := range sources {
		faults = faultAt(faults, deref(s.PasswordParam) != "" && deref(s.Username) == "", "/sources/"+strconv.Itoa(i)+"/username", "passwordParam needs a username")
	}
	return faults
}

// isDynamic reports whether switches complete the URL.
func isDynamic(u *string) bool { return strings.Contains(deref(u), medialive.UrlPathVariable) }
