package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/server/store"
)

// The file format of bbolt, version 2: pages of one size, each with a header. Two
// meta pages take turns; the newer one names the root of a B+ tree of buckets, each of
// which is a tree or lies inline in its value. Numbers have the byte order of the machine.
const (
	headerSize = 16 // id (8), flags (2), count (2), overflow (4)
	itemSize   = 16
	bucketSize = 16 // root (8), sequence (8)
	metaSize   = 64

	magic    = 0xED0CDAED
	version  = 2
	maxDepth = 64

	branchPage = 0x01
	leafPage   = 0x02
	freePage   = 0x10

	isBucket   = 0x01
	noFreelist = math.MaxUint64
)

// image is the content of a file. Reading it never fails with a panic, whatever it
// holds, which cannot be said of bbolt.
type image struct {
	data     []byte
	pageSize int
}

// meta is the content of a meta page.
type meta struct {
	root, freelist, pages uint64 // pages is the number of pages in use
	revision              store.Revision
}

// metas returns the intact meta pages, the newest first.
func metas(data []byte) (*image, []meta) {
	for size := 512; size <= 64<<10; size *= 2 {
		f := &image{data: data, pageSize: size}
		var all []meta
		for i := range 2 {
			if m, ok := f.meta(i); ok {
				all = append(all, m)
			}
		}
		if len(all) > 0 {
			slices.SortFunc(all, func(a, b meta) int { return int(b.revision - a.revision) })
			return f, all
		}
	}
	return nil, nil
}

func (f *image) meta(i int) (m meta, ok bool) {
	begin := i*f.pageSize + headerSize
	if begin+metaSize > len(f.data) {
		return m, false
	}
	b, order := f.data[begin:begin+metaSize], binary.NativeEndian
	sum := fnv.New64a()
	sum.Write(b[:56])
	m = meta{root: order.Uint64(b[16:]), freelist: order.Uint64(b[32:]), pages: order.Uint64(b[40:]), revision: store.Revision(order.Uint64(b[48:]))} //nolint:gosec // It counts transactions.
	return m, order.Uint32(b) == magic && order.Uint32(b[4:]) == version && int(order.Uint32(b[8:])) == f.pageSize && order.Uint64(b[56:]) == sum.Sum64()
}

// page is a page, or the inline page of a bucket.
type page struct {
	name  string
	flags uint16
	count int
	data  []byte // with the header
}

func newPage(name string, data []byte) page {
	return page{name, binary.NativeEndian.Uint16(data[8:]), int(binary.NativeEndian.Uint16(data[10:])), data}
}

// span returns n bytes at an offset, nil if they do not lie in the page.
func (p *page) span(at, n uint64) []byte {
	if at > uint64(len(p.data)) || n > uint64(len(p.data))-at {
		return nil
	}
	return p.data[at : at+n : at+n]
}

// item is an element of a page: of a branch without a value, of a leaf without a child.
type item struct {
	key, value []byte
	child      uint64
	bucket     bool
}

// items returns the elements of a page, whose keys must rise.
func (p *page) items() (all []item, err error) {
	order := binary.NativeEndian
	for i := range p.count {
		at := uint64(headerSize + i*itemSize)
		b := p.span(at, itemSize)
		if b == nil {
			return nil, fmt.Errorf("%s: it ends within its list", p.name)
		}
		var one item
		if p.flags == branchPage {
			one.key, one.child = p.span(at+uint64(order.Uint32(b)), uint64(order.Uint32(b[4:]))), order.Uint64(b[8:])
		} else {
			position, key, value := at+uint64(order.Uint32(b[4:])), uint64(order.Uint32(b[8:])), uint64(order.Uint32(b[12:]))
			one.key, one.value, one.bucket = p.span(position, key), p.span(position+key, value), order.Uint32(b) == isBucket
			if one.value == nil || order.Uint32(b) > isBucket {
				return nil, fmt.Errorf("%s: element %d is damaged", p.name, i)
			}
		}
		if len(one.key) == 0 || i > 0 && bytes.Compare(all[i-1].key, one.key) >= 0 {
			return nil, fmt.Errorf("%s: key %d is damaged", p.name, i)
		}
		all = append(all, one)
	}
	return all, nil
}

// reading reads the records of a file as a meta page describes it.
type reading struct {
	*image
	meta    meta
	used    map[uint64]bool
	records []store.Write
	digest  []byte // that the file has; nil if it has none
	damage  []string
}

// read reads all that can be read. What is damaged is left out, and told.
func (f *image) read(m meta) *reading {
	r := &reading{image: f, meta: m, used: map[uint64]bool{0: true, 1: true}}
	if m.pages < 2 || m.pages > uint64(len(f.data)/f.pageSize) {
		r.tell(fmt.Errorf("it has %d bytes, where %d pages of %d are in use: it is cut off", len(f.data), m.pages, f.pageSize))
	}
	r.tree(m.root, nil, nil, 0, func(name string, one item) error {
		if !one.bucket {
			return fmt.Errorf("%s: a record lies outside of all buckets", name)
		}
		return r.bucket(name, string(one.key), one.value)
	})
	r.tell(r.freelist())
	if len(r.damage) == 0 {
		if sum := digestOf(r.records); r.digest != nil && !bytes.Equal(sum, r.digest) {
			r.tell(fmt.Errorf("the records are not those that were written last"))
		}
	}
	return r
}

func (r *reading) tell(err error) {
	if err != nil {
		r.damage = append(r.damage, err.Error())
	}
}

// err returns the damage as an error, nil if there is none.
func (r *reading) err() error {
	if len(r.damage) == 0 {
		return nil
	}
	more := ""
	if n := len(r.damage) - 1; n > 0 {
		more = fmt.Sprintf(", and %d more", n)
	}
	return fmt.Errorf("%s%s", r.damage[0], more)
}

// page returns a page, which nothing else may use.
func (r *reading) page(id uint64) (page, error) {
	name := fmt.Sprintf("page %d", id)
	if id < 2 || id >= r.meta.pages || (id+1)*uint64(r.pageSize) > uint64(len(r.data)) {
		return page{}, fmt.Errorf("%s does not exist", name)
	}
	begin := id * uint64(r.pageSize)
	header := r.data[begin:]
	pages := uint64(binary.NativeEndian.Uint32(header[12:])) + 1
	if binary.NativeEndian.Uint64(header) != id || pages > r.meta.pages-id || (id+pages)*uint64(r.pageSize) > uint64(len(r.data)) {
		return page{}, fmt.Errorf("%s: its header is damaged", name)
	}
	for n := id; n < id+pages; n++ {
		if r.used[n] {
			return page{}, fmt.Errorf("page %d is used twice", n)
		}
		r.used[n] = true
	}
	return newPage(name, header[:pages*uint64(r.pageSize)]), nil
}

// tree calls visit with each element of the leaves of a tree, whose keys lie in [from, to).
func (r *reading) tree(root uint64, from, to []byte, depth int, visit func(name string, one item) error) {
	p, err := r.page(root)
	if err == nil && (p.flags != branchPage && p.flags != leafPage || depth > maxDepth || p.flags == branchPage && p.count == 0) {
		err = fmt.Errorf("%s is none of a tree", p.name)
	}
	var items []item
	if err == nil {
		items, err = p.items()
	}
	if err != nil {
		r.tell(err)
		return
	}
	for i, one := range items {
		end := to
		if i+1 < len(items) {
			end = items[i+1].key
		}
		switch {
		case from != nil && bytes.Compare(one.key, from) < 0 || to != nil && bytes.Compare(one.key, to) >= 0:
			r.tell(fmt.Errorf("%s: key %d belongs elsewhere", p.name, i))
		case p.flags == branchPage:
			r.tree(one.child, one.key, end, depth+1, visit)
		default:
			r.tell(visit(p.name, one))
		}
	}
}

// bucket reads the records of a bucket.
func (r *reading) bucket(name, kind string, value []byte) error {
	visit := func(name string, one item) error {
		if one.bucket {
			return fmt.Errorf("%s: there is a bucket within %s", name, kind)
		}
		if kind == digestBucket {
			r.digest = one.value
			return nil
		}
		r.records = append(r.records, store.Write{Key: store.Key{Kind: kind, ID: string(one.key)}, Value: one.value})
		return nil
	}
	if len(value) < bucketSize {
		return fmt.Errorf("%s: bucket %s is damaged", name, kind)
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		r.tree(root, nil, nil, 0, visit)
		return nil
	}
	if len(value) < bucketSize+headerSize {
		return fmt.Errorf("%s: bucket %s is damaged", name, kind)
	}
	p := newPage(name+", bucket "+strings.ToValidUTF8(kind, "?"), value[bucketSize:])
	if p.flags != leafPage {
		return fmt.Errorf("%s is no leaf", p.name)
	}
	items, err := p.items()
	for _, one := range items {
		r.tell(visit(p.name, one))
	}
	return err
}

// freelist checks the list of free pages.
func (r *reading) freelist() error {
	if r.meta.freelist == noFreelist {
		return nil
	}
	p, err := r.page(r.meta.freelist)
	if err != nil {
		return err
	}
	begin, count := uint64(headerSize), uint64(p.count)
	if p.count == math.MaxUint16 {
		if b := p.span(begin, 8); b != nil {
			begin, count = begin+8, binary.NativeEndian.Uint64(b)
		}
	}
	if p.flags != freePage || count > uint64(len(p.data)) {
		return fmt.Errorf("%s is not the list of free pages", p.name)
	}
	for i := range count {
		b := p.span(begin+8*i, 8)
		if b == nil {
			return fmt.Errorf("%s ends within its list", p.name)
		}
		id := binary.NativeEndian.Uint64(b)
		if id < 2 || id >= r.meta.pages || r.used[id] {
			return fmt.Errorf("%s: page %d is not free", p.name, id)
		}
		r.used[id] = true
	}
	for id := range r.meta.pages {
		if !r.used[id] && len(r.damage) == 0 {
			return fmt.Errorf("page %d is neither used nor free: what refers to it is damaged", id)
		}
	}
	return nil
}
