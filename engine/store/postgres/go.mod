module github.com/ravelgo/ravel/engine/store/postgres

go 1.26.0

require (
	github.com/jackc/pgx/v5 v5.13.0
	github.com/ravelgo/ravel v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
)

replace github.com/ravelgo/ravel => ../../..
