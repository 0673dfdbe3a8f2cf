package main

import (
	"context"
	"fmt"
	"math/rand"
	randv2 "math/rand/v2"
	"runtime"
	. "strings"
	tm "time"
)

func functions() {
	start := tm.Now()
	tm.Sleep(2 * tm.Millisecond)
	fmt.Println(tm.Since(start) >= tm.Millisecond, tm.Until(start) < 0, ToUpper("dot"))
	<-tm.After(1)
	tick := tm.NewTicker(1)
	<-tick.C
	tick.Reset(2)
	tick.Stop()
	done := make(chan bool)
	t := tm.AfterFunc(1, func() { close(done) })
	<-done
	t.Stop()
	ctx, cancel := context.WithCancel(context.Background())
	stop := context.AfterFunc(ctx, func() {})
	fmt.Println(stop())
	cancel()
	<-ctx.Done()
	ctx, cause := context.WithCancelCause(context.TODO())
	cause(fmt.Errorf("why"))
	fmt.Println(context.Cause(ctx))
	with := context.WithTimeout
	_, cancel = with(ctx, 1)
	cancel()
	rand.Seed(1)
	intn := rand.Intn
	fmt.Println(rand.Intn(1), intn(1), rand.Perm(1), len(rand.New(rand.NewSource(1)).Perm(2)))
	rand.Shuffle(1, func(i, j int) {})
	fmt.Println(randv2.IntN(1), randv2.N(1), randv2.N[tm.Duration](1), randv2.N(uint8(1)))
	shuffle := randv2.Shuffle
	shuffle(0, nil)
	runtime.Gosched()
	yield := runtime.Gosched
	yield()
	go runtime.Gosched()
	{
		time := struct{ Sleep func(int) }{func(n int) { fmt.Println("mine", n) }}
		time.Sleep(3)
	}
}
