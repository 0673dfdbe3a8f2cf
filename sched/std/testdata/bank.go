package bank

func (b *bank) run(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Lock()
	b.jobs <- 1
	v := <-b.jobs
	b.total.Add(int64(v))
	go b.serve()
	for j := range b.jobs {
		use(j)
	}
	select {
	case <-ctx.Done():
	case b.log <- v:
	}
	close(b.out)
	b.wg.Wait()
}
