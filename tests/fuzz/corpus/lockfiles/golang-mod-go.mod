module example.org/shop

go 1.22

require github.com/pkg/errors v0.9.1 // kept

require (
	github.com/emicklei/go-restful/v3 v3.13.0 // indirect
	"golang.org/x/net" v0.1.0
	github.com/old/gone v1.0.0
	github.com/here/local v1.0.0
)

replace (
	github.com/old/gone v1.0.0 => github.com/new/found v1.2.0
	github.com/here/local => ../local
)

exclude golang.org/x/net v0.0.9
