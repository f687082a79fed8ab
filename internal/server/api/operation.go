package api

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/server/service"
)

// operation answers a call with a value of an SDK type.
type operation func(context.Context, *call) (any, error)

// call is a request for an operation.
type call struct {
	method string
	// member is the name of the input's field that the path holds, id its value.
	member, id string
	query      url.Values
	body       []byte
	failing    bool // as was asked for
}

// withInput returns the operation of a method that takes an input of the SDK.
func withInput[In, Out any](do func(context.Context, *In) (Out, error)) operation {
	return func(ctx context.Context, c *call) (any, error) {
		in := new(In)
		if err := c.bind(in); err != nil {
			return nil, err
		}
		return do(ctx, in)
	}
}

// withID returns the operation of a method that takes only an id.
func withID[Out any](do func(context.Context, string) (Out, error)) operation {
	return func(ctx context.Context, c *call) (any, error) { return do(ctx, c.id) }
}

// withoutOutput returns the operation of a method that takes an id and returns nothing.
func withoutOutput(do func(context.Context, string) error) operation {
	return func(ctx context.Context, c *call) (any, error) { return struct{}{}, do(ctx, c.id) }
}

// bind sets an input of the SDK from the body, the query and the path.
func (c *call) bind(in any) error {
	if c.method == http.MethodPost || c.method == http.MethodPut {
		if err := medialive.Unmarshal(c.body, in); err != nil {
			return service.Errorf(service.BadRequest, "Could not parse request body into json: %v", err)
		}
	} else if err := c.bindQuery(in); err != nil {
		return err
	}
	if c.member != "" {
		reflect.ValueOf(in).Elem().FieldByName(c.member).Set(reflect.ValueOf(&c.id))
	}
	return nil
}

// bindQuery sets the members that the query names, and ignores unknown ones.
func (c *call) bindQuery(in any) error {
	v := reflect.ValueOf(in).Elem()
	for name, values := range c.query {
		if name == "" || len(values[0]) == 0 {
			continue
		}
		member := v.FieldByName(strings.ToUpper(name[:1]) + name[1:])
		if !member.IsValid() {
			continue
		}
		switch p := member.Addr().Interface().(type) {
		case **string:
			*p = &values[0]
		case *[]string:
			*p = values
		case **int32:
			n, err := strconv.ParseInt(values[0], 10, 32)
			if err != nil || n < 1 {
				return service.Errorf(service.BadRequest, "%s must be a number from 1 on, not %q", name, values[0])
			}
			number := int32(n)
			*p = &number
		}
	}
	return nil
}
