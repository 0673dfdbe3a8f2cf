package race

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// model is a vector clock without any cleverness.
type model [8]uint32

func (m *model) join(n model) {
	for i := range m {
		m[i] = max(m[i], n[i])
	}
}

// Whatever tasks and slots do, vectors contain what plain vector clocks do.
func TestVectorAgainstModel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		const slots = 3
		tasks, want := []*vector{{id: -1}}, []model{{1}}
		tasks[0].begin(0)
		shared, wantShared := make([]vector, slots), make([]model, slots)
		for i := range shared {
			shared[i].reset()
		}
		for range 60 {
			i, k := r.IntN(len(tasks)), r.IntN(slots)
			v, m, slot, ms := tasks[i], &want[i], &shared[k], &wantShared[k]
			ticks := true
			switch r.IntN(6) {
			case 0:
				if len(tasks) == len(model{}) {
					continue
				}
				n := len(tasks)
				child := &vector{id: -1}
				child.copyFrom(v)
				child.begin(int32(n))
				tasks, want = append(tasks, child), append(want, *m)
				want[n][n] = 1
				m = &want[i]
			case 1:
				v.acquire(slot)
				m.join(*ms)
				ticks = false
			case 2:
				v.release(slot, false)
				ms.join(*m)
			case 3:
				v.release(slot, true)
				*ms = *m
			case 4:
				v.exchange(slot)
				m.join(*ms)
				*ms = *m
			case 5:
				j := r.IntN(len(tasks))
				if i == j {
					continue
				}
				v.join(tasks[j])
				tasks[j].join(v)
				m.join(want[j])
				want[j].join(*m)
				tasks[j].own++
				want[j][j]++
			}
			if ticks {
				v.own++
				m[i]++
			}
			for i := range tasks {
				for j := range tasks {
					require.Equal(t, want[i][j], tasks[i].at(int32(j)))
				}
			}
			for i := range shared {
				for j := range tasks {
					require.Equal(t, wantShared[i][j], shared[i].at(int32(j)))
				}
			}
		}
	}
}
