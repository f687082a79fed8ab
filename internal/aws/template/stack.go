package template

import "slices"

// Properties are the properties of a resource.
type Properties = map[string]any

// List is a list of property values.
type List = []any

// Stack is a stack, or one nested in another.
type Stack struct {
	construct

	// ID is the name of a root stack, and the construct id of a nested one.
	ID          string
	Description string
	// Region and Tags are those of a root stack.
	Region string
	Tags   map[string]string

	root *Stack
	// self is the resource of a nested stack in the root.
	self *Resource

	resources []*Resource
	outputs   []Output

	// Of a root stack:
	nested []*Stack
	files  []*File
	tokens []token
	all    []*Resource // of all stacks, in the order in which they were added
}

// Output is an output of a root stack.
type Output struct{ Key, Description, Value string }

// File is a file that is uploaded before the stack is deployed.
type File struct {
	// Path is absolute, or relative to the folder that the templates are written to.
	Path string
	// Hash is the SHA-256 of the content, in hex.
	Hash string
	// Name says what it is, for people.
	Name string

	bucket, key string // tokens
}

// New returns an empty root stack.
func New(name, description, region string, tags map[string]string) *Stack {
	s := &Stack{ID: name, Description: description, Region: region, Tags: tags}
	s.root, s.stack = s, s
	return s
}

// Nest adds a nested stack to a root stack.
func (s *Stack) Nest(id, description string) *Stack {
	n := &Stack{ID: id, Description: description, root: s.root}
	n.stack = n
	n.self = s.In(id+".NestedStack").Add(id+".NestedStackResource", NestedType, nil)
	n.self.nested = n
	n.self.SetRemoval(false)
	s.nested = append(s.nested, n)
	return n
}

// NestedType is the type of the resource of a nested stack.
const NestedType = "AWS::CloudFormation::Stack"

// Resource returns the resource of a nested stack in its root, nil for a root.
func (s *Stack) Resource() *Resource { return s.self }

// Output adds an output to a root stack.
func (s *Stack) Output(key, description, value string) {
	s.outputs = append(s.outputs, Output{key, description, value})
}

// Outputs returns the outputs that were added.
func (s *Stack) Outputs() []Output { return s.outputs }

// Upload adds a file to a root stack.
func (s *Stack) Upload(f File) *File {
	s.files = append(s.files, &f)
	f.bucket, f.key = s.token(token{file: &f, attribute: "bucket"}), s.token(token{file: &f, attribute: "key"})
	return &f
}

// Files returns the files that were added.
func (s *Stack) Files() []*File { return s.files }

// Bucket returns a reference to the bucket that the file is uploaded to.
func (f *File) Bucket() string { return f.bucket }

// Key returns a reference to the key of the file in the bucket.
func (f *File) Key() string { return f.key }

// Resources returns the resources of a root stack and of those nested in it, each
// after those that it refers to.
func (s *Stack) Resources() []*Resource { return s.all }

// Scope is where resources are added: a stack, or a construct in one.
type Scope interface {
	// In returns the scope of a construct.
	In(id string) Scope
	// Add adds a resource of a type.
	Add(id, kind string, p Properties) *Resource
}

type construct struct {
	stack *Stack
	path  []string // of constructs in the stack
}

// In returns the scope of a construct.
func (c *construct) In(id string) Scope {
	return &construct{c.stack, append(slices.Clip(c.path), id)}
}

// Add adds a resource of a type.
func (c *construct) Add(id, kind string, p Properties) *Resource {
	r := &Resource{ID: id, Type: kind, Properties: p, scope: c}
	c.stack.resources = append(c.stack.resources, r)
	c.stack.root.all = append(c.stack.root.all, r)
	return r
}

// Resource is a resource of a stack.
type Resource struct {
	ID, Type   string
	Properties Properties

	scope   *construct
	nested  *Stack // of which it is the resource
	needs   []*Resource
	removal string
}

// Policies for the deletion and the replacement of a resource.
const (
	Delete = "Delete"
	Retain = "Retain"
)

// Ref returns the Ref of a resource, usually its id.
func (r *Resource) Ref() string { return r.GetAtt("") }

// GetAtt returns an attribute of a resource, for use in any of the stacks.
func (r *Resource) GetAtt(name string) string {
	return r.scope.stack.root.token(token{resource: r, attribute: name})
}

// DependOn makes a resource depend on others of the same stack.
func (r *Resource) DependOn(others ...*Resource) { r.needs = append(r.needs, others...) }

// Needs returns what DependOn was given.
func (r *Resource) Needs() []*Resource { return r.needs }

// SetRemoval sets whether a resource is retained or deleted with its stack.
func (r *Resource) SetRemoval(retain bool) {
	r.removal = Delete
	if retain {
		r.removal = Retain
	}
}

// Removal returns what SetRemoval set: Delete, Retain or nothing.
func (r *Resource) Removal() string { return r.removal }

// Stack returns the stack of a resource.
func (r *Resource) Stack() *Stack { return r.scope.stack }

// Path returns the constructs that a resource is in, below its stack.
func (r *Resource) Path() []string { return r.scope.path }

// Nested returns the stack that a resource stands for, nil for others.
func (r *Resource) Nested() *Stack { return r.nested }
