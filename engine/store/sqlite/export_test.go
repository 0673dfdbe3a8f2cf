package sqlite

import "context"

// Within calls do in a transaction that has only read.
func (s *Store) Within(ctx context.Context, do func()) error {
	return s.writer.submit(ctx, func(t *tx) error {
		_, err := t.lease("a run")
		do()
		return err
	})
}
