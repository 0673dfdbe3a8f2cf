package recipes

import (
	"context"
	"errors"
	"fmt"

	"github.com/ravelgo/ravel/engine"
)

// Row is a row of a table: a number in stock, and how often it was written.
type Row struct{ Stock, Version int }

// Table is what the pipeline knows of the database. Update writes the row only if its
// version is still that of row, else it returns ErrConflict.
type Table interface {
	Read(ctx context.Context, key string) (Row, error)
	Write(ctx context.Context, key string, row Row) error
	Update(ctx context.Context, key string, row Row) error
}

var (
	ErrConflict    = errors.New("table: the row has changed")
	ErrUnavailable = errors.New("table: unavailable")
	ErrSoldOut     = errors.New("sold out")
)

// Orders are what one run works off.
type Orders struct {
	Table Table
	Keys  []string // of what is ordered, one each
}

// Shop returns a pipeline that takes what is ordered out of the stock, by sell, three
// orders at once. A call that cannot reach the database is tried again.
func Shop(sell func(context.Context, Table, string) error) *engine.Pipeline[Orders] {
	p := engine.New[Orders]("shop", engine.Options{})
	engine.Map(p, "sell", engine.Each[Orders, string]{
		Items: engine.Slice(func(_ context.Context, o *Orders) ([]string, error) { return o.Keys, nil }),
		Do: func(ctx context.Context, o *Orders, key string) error {
			err := sell(ctx, o.Table, key)
			for errors.Is(err, ErrUnavailable) && ctx.Err() == nil {
				err = sell(ctx, o.Table, key)
			}
			return err
		},
	}, engine.MapOptions{MaxConcurrency: 3})
	return p
}

// Sell takes one of key out of the stock. If another one has written the row since it
// was read, it reads again.
func Sell(ctx context.Context, t Table, key string) error {
	for {
		row, err := t.Read(ctx, key)
		if err != nil {
			return err
		}
		if row.Stock == 0 {
			return fmt.Errorf("%s: %w", key, ErrSoldOut)
		}
		row.Stock--
		if err := t.Update(ctx, key, row); !errors.Is(err, ErrConflict) {
			return err
		}
	}
}
