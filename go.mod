module github.com/lilo-live/lilo

go 1.26
