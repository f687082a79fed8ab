// Command etcd is the server etcd, for tests. It is a module of its own, so that what it
// needs stays out of the program's.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
